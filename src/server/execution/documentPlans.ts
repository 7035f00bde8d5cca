import type { VariableValues } from '@graphql-tools/utils'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { Plan } from './plan.ts'

/** Fields that all plans of a document may have: some, and one for each so many characters of it. */
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

  plan(operation: OperationDefinitionNode, { coerced }: VariableValues): Plan {
    let plans = this.#plans.get(operation)
    if (plans === undefined) {
      plans = new Map()
      this.#plans.set(operation, plans)
    }
    const values = this.#conditions.map(name => String(coerced[name])).join()
    let plan = plans.get(values)
    if (plan === undefined) {
      plan = new Plan(this.#schema, operation, this.#fragments, fields => this.#grown(fields))
      plans.set(values, plan)
    }
    return plan
  }

  #grown(fields: number): void {
    this.#fields += fields
    if (this.#fields <= this.#maximum) return
    this.#plans.clear()
    this.#fields = 0
  }
}
