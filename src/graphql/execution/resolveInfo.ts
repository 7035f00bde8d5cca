import type { GraphQLResolveInfo } from 'graphql'
import { type Path, pathBelow } from './path.ts'
import type { PlannedField, Running } from './executionTypes.ts'

/** What a resolver may ask of its field. Most ask nothing, so it holds only what the answers are made of. */
export class FieldInfo implements GraphQLResolveInfo {
  readonly #run: Running
  readonly #field: PlannedField
  /** Of the object that has the field. */
  readonly #parent: Path | undefined

  constructor(run: Running, field: PlannedField, parent: Path | undefined) {
    this.#run = run
    this.#field = field
    this.#parent = parent
  }

  /** Of a field whose value is, or has in its lists, what is at a path. */
  static at(run: Running, field: PlannedField, path: Path | undefined): FieldInfo {
    let at = path
    while (typeof at?.key === 'number') at = at.prev
    return new FieldInfo(run, field, at?.prev)
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
    return pathBelow(this.#parent, this.#field)
  }

  get schema() {
    return this.#run.schema
  }

  get fragments() {
    return this.#run.fragments
  }

  get rootValue() {
    return this.#run.rootValue
  }

  get operation() {
    return this.#run.operation
  }

  get variableValues() {
    return this.#run.variables.coerced
  }
}
