import type { VariableValues } from '@graphql-tools/utils'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { ArgumentIds } from './argumentIds.ts'
import { Plan } from './plan.ts'

/** A document may have `BASE_FIELDS` planned fields, plus a field for every `CHARS_PER_FIELD` characters of text. */
const BASE_FIELDS = 64
const CHARS_PER_FIELD = 4

/**
 * Plans per operation and combination of `@skip`/`@include` values. Combinations and repeated fragments can make the
 * plans many times larger than the document text, and the parser cache limits only the text length. Above
 * `#maxFields` fields, all plans of the document are dropped; running executions keep using dropped plans.
 */
export class DocumentPlans {
  readonly #schema: GraphQLSchema
  readonly #conditionVariables: readonly string[]
  readonly #fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  readonly #argumentIds = new ArgumentIds()
  readonly #maxFields: number
  readonly #plans = new Map<OperationDefinitionNode, Map<string, Plan>>()
  #fieldCount = 0

  constructor(schema: GraphQLSchema, document: DocumentNode, conditionVariables: readonly string[]) {
    this.#schema = schema
    this.#conditionVariables = conditionVariables
    this.#maxFields = BASE_FIELDS + (document.loc?.end ?? 0) / CHARS_PER_FIELD
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments[definition.name.value] = definition
    }
  }

  get size(): number {
    let size = 0
    for (const plans of this.#plans.values()) size += plans.size
    return size
  }

  plan(operation: OperationDefinitionNode, { coerced }: VariableValues): Plan {
    const key = this.#conditionKey(coerced)
    const cached = this.#plans.get(operation)?.get(key)
    if (cached !== undefined) return cached
    // Counts the plan itself: a plan without fields uses memory too.
    this.#addFields(1)
    const plan = new Plan(this.#schema, operation, this.#fragments, this.#argumentIds, fields => {
      this.#addFields(fields)
    })
    const plans = this.#plans.get(operation) ?? new Map<string, Plan>()
    this.#plans.set(operation, plans.set(key, plan))
    return plan
  }

  /** One character per variable. A variable of a different operation's `@skip` or `@include` may have any type. */
  #conditionKey(coerced: Readonly<Record<string, unknown>>): string {
    let key = ''
    for (const name of this.#conditionVariables) key += encodeValue(coerced[name])
    return key
  }

  #addFields(count: number): void {
    this.#fieldCount += count
    if (this.#fieldCount <= this.#maxFields) return
    this.#plans.clear()
    this.#fieldCount = 0
  }
}

function encodeValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (value === undefined) return 'u'
  return value === null ? 'n' : 'o'
}
