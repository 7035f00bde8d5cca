import type { VariableValues } from '@graphql-tools/utils'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { ArgumentNumbers } from './argumentIds.ts'
import { Plan } from './plan.ts'

/** Fields that all plans of a document may ask for, in all places: some, and one for each so many characters of it. */
const FEW_FIELDS = 64
const CHARACTERS_A_FIELD = 4

/**
 * The plans of a document's operations, each for other values of the variables that decide what is left out.
 *
 * Operations, values of variables, and fragments that are spread in many places can make them many times as large as their
 * document, by which the cache of documents is bounded. So they are forgotten when they have become too large; what is
 * being run by them is run to its end.
 */
export class DocumentPlans {
  readonly #schema: GraphQLSchema
  readonly #conditions: readonly string[]
  readonly #fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  readonly #numbers = new ArgumentNumbers()
  readonly #maximum: number
  readonly #plans = new Map<OperationDefinitionNode, Map<string, Plan>>()
  #fields = 0

  constructor(schema: GraphQLSchema, document: DocumentNode, conditions: readonly string[]) {
    this.#schema = schema
    this.#conditions = conditions
    this.#maximum = FEW_FIELDS + (document.loc?.end ?? 0) / CHARACTERS_A_FIELD
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments[definition.name.value] = definition
    }
  }

  /** How many there are at this moment. */
  get size(): number {
    let size = 0
    for (const plans of this.#plans.values()) size += plans.size
    return size
  }

  plan(operation: OperationDefinitionNode, { coerced }: VariableValues): Plan {
    const values = this.#valuesIn(coerced)
    const known = this.#plans.get(operation)?.get(values)
    if (known !== undefined) return known
    // One that asks for nothing takes a place as well.
    this.#grown(1)
    const plan = new Plan(this.#schema, operation, this.#fragments, this.#numbers, fields => {
      this.#grown(fields)
    })
    const plans = this.#plans.get(operation) ?? new Map<string, Plan>()
    this.#plans.set(operation, plans.set(values, plan))
    return plan
  }

  /** A character each. A variable of the same name may be anything in another operation, where it decides nothing. */
  #valuesIn(coerced: Readonly<Record<string, unknown>>): string {
    let values = ''
    for (const name of this.#conditions) values += letterOf(coerced[name])
    return values
  }

  #grown(fields: number): void {
    this.#fields += fields
    if (this.#fields <= this.#maximum) return
    this.#plans.clear()
    this.#fields = 0
  }
}

const letterOf = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (value === undefined) return 'u'
  return value === null ? 'n' : 'o'
}
