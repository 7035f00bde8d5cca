import { getVariableValues } from '@graphql-tools/executor'
import type { VariableValues } from '@graphql-tools/utils'
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
  getOperationAST,
  isObjectType,
  OperationTypeNode,
} from 'graphql'
import { conditionsOf } from './conditionVariables.ts'
import { DocumentPlans } from './documentPlans.ts'
import type { Plan } from './plan.ts'

/** The plan of an operation, and the variables that it is run with. */
interface Planned {
  readonly plan: Plan
  readonly variables: VariableValues
}

/** Plans go with their documents, which a bounded cache keeps. Null for a document that is not planned. */
const known = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, DocumentPlans | null>>()

/** Null for what is not to be run by a plan. Nothing of it has been run then. */
export const planFor = ({ schema, document, operationName, variableValues }: ExecutionArgs): Planned | null => {
  const operation = getOperationAST(document, operationName)
  if (operation?.operation !== OperationTypeNode.QUERY) return null
  const plans = plansOf(schema, document)
  if (plans === null) return null
  const { variableDefinitions = [] } = operation
  const { variableValues: variables } = getVariableValues(schema, variableDefinitions, variableValues ?? {}, {
    maxErrors: 1,
  })
  // The executor says what is wrong with them.
  return variables === undefined ? null : { plan: plans.plan(operation, variables), variables }
}

const plansOf = (schema: GraphQLSchema, document: DocumentNode): DocumentPlans | null => {
  let documents = known.get(schema)
  if (documents === undefined) {
    documents = new WeakMap()
    known.set(schema, documents)
  }
  let plans = documents.get(document)
  if (plans === undefined) {
    const conditions = looksAtObjects(schema) ? null : conditionsOf(document)
    plans = conditions && new DocumentPlans(schema, document, conditions)
    documents.set(document, plans)
  }
  return plans
}

const looking = new WeakMap<GraphQLSchema, boolean>()

/** Whether types of the schema look at their objects themselves, which runs leave out. */
const looksAtObjects = (schema: GraphQLSchema): boolean => {
  let looks = looking.get(schema)
  if (looks === undefined) {
    looks = Object.values(schema.getTypeMap()).some(type => isObjectType(type) && Boolean(type.isTypeOf))
    looking.set(schema, looks)
  }
  return looks
}
