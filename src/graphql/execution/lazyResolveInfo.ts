import type { VariableValues } from '@graphql-tools/utils'
import type { GraphQLResolveInfo } from 'graphql'
import type { PlannedField, QueryPlan } from './plan.ts'

/** Path of a value in the response, as a linked list from the value to the root. */
export type Path = GraphQLResolveInfo['path']

export function fieldPath(parent: Path | undefined, { key, parentType }: PlannedField): Path {
  return { prev: parent, key, typename: parentType.name }
}

export interface PlannedRequest {
  readonly plan: QueryPlan
  readonly variables: VariableValues
  readonly context: unknown
  readonly rootValue: unknown
}

/** Computes each property on access, because most resolvers read no property. */
export class LazyResolveInfo implements GraphQLResolveInfo {
  readonly #request: PlannedRequest
  readonly #field: PlannedField
  readonly #parentPath: Path | undefined

  constructor(request: PlannedRequest, field: PlannedField, parentPath: Path | undefined) {
    this.#request = request
    this.#field = field
    this.#parentPath = parentPath
  }

  get fieldName() {
    return this.#field.definition.name
  }

  get fieldNodes() {
    return this.#field.nodes
  }

  get returnType() {
    return this.#field.definition.type
  }

  get parentType() {
    return this.#field.parentType
  }

  get path(): Path {
    return fieldPath(this.#parentPath, this.#field)
  }

  get schema() {
    return this.#request.plan.document.schema
  }

  get fragments() {
    return this.#request.plan.document.fragments
  }

  get rootValue() {
    return this.#request.rootValue
  }

  get operation() {
    return this.#request.plan.operation
  }

  get variableValues() {
    return this.#request.variables.coerced
  }
}
