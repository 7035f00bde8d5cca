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
 * Caches one plan per operation and combination of `@skip` and `@include` values. Many combinations or repeated
 * fragments can make the plans much larger than the document, and the parser cache limits only the length of the text.
 * Above `#maxFields` fields, all plans of the document are dropped. Running executions keep using dropped plans.
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
    // The plan itself counts as one field, because a plan without fields also uses memory.
    this.#addFields(1)
    const plan = new Plan(this.#schema, operation, this.#fragments, this.#argumentIds, fields => {
      this.#addFields(fields)
    })
    const plans = this.#plans.get(operation) ?? new Map<string, Plan>()
    this.#plans.set(operation, plans.set(key, plan))
    return plan
  }

  /** The key has one character per variable. Variables of a different operation of the document may have any type. */
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
