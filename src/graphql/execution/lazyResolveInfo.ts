import type { GraphQLResolveInfo } from 'graphql'
import type { ExecutionContext, PlannedField } from './executionTypes.ts'
import { fieldPath, type Path } from './path.ts'

/** Computes each property on access, because most resolvers read no property. */
export class LazyResolveInfo implements GraphQLResolveInfo {
  readonly #execution: ExecutionContext
  readonly #field: PlannedField
  readonly #parentPath: Path | undefined

  constructor(execution: ExecutionContext, field: PlannedField, parentPath: Path | undefined) {
    this.#execution = execution
    this.#field = field
    this.#parentPath = parentPath
  }

  /** If `path` belongs to a list item, removes the list indexes, because the info belongs to the field. */
  static atPath(execution: ExecutionContext, field: PlannedField, path: Path | undefined): LazyResolveInfo {
    let at = path
    while (typeof at?.key === 'number') at = at.prev
    return new LazyResolveInfo(execution, field, at?.prev)
  }

  get fieldName() {
    return this.#field.name
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
    return this.#execution.schema
  }

  get fragments() {
    return this.#execution.fragments
  }

  get rootValue() {
    return this.#execution.rootValue
  }

  get operation() {
    return this.#execution.operation
  }

  get variableValues() {
    return this.#execution.variables.coerced
  }
}
