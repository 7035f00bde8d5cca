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
import { findConditionVariables } from './conditionVariables.ts'
import { DocumentPlans } from './documentPlans.ts'
import type { Plan } from './plan.ts'

interface PlannedQuery {
  readonly plan: Plan
  readonly variables: VariableValues
}

/** Plans are freed together with the document (weak keys). A value is null if the document cannot be planned. */
const plansBySchema = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, DocumentPlans | null>>()
const usesIsTypeOfBySchema = new WeakMap<GraphQLSchema, boolean>()

/** If the request cannot be planned or has invalid variables, returns null. Then Yoga runs the request. */
export function getQueryPlan({ schema, document, operationName, variableValues }: ExecutionArgs): PlannedQuery | null {
  const operation = getOperationAST(document, operationName)
  if (operation?.operation !== OperationTypeNode.QUERY) return null
  const plans = documentPlansOf(schema, document)
  if (plans === null) return null
  const { variableDefinitions = [] } = operation
  const { variableValues: variables } = getVariableValues(schema, variableDefinitions, variableValues ?? {}, {
    maxErrors: 1,
  })
  return variables === undefined ? null : { plan: plans.plan(operation, variables), variables }
}

function documentPlansOf(schema: GraphQLSchema, document: DocumentNode): DocumentPlans | null {
  let plansByDocument = plansBySchema.get(schema)
  if (plansByDocument === undefined) {
    plansByDocument = new WeakMap()
    plansBySchema.set(schema, plansByDocument)
  }
  let plans = plansByDocument.get(document)
  if (plans === undefined) {
    const conditionVariables = usesIsTypeOf(schema) ? null : findConditionVariables(document)
    plans = conditionVariables && new DocumentPlans(schema, document, conditionVariables)
    plansByDocument.set(document, plans)
  }
  return plans
}

/** Schemas with `isTypeOf` are not planned, because planned execution does not call `isTypeOf`. */
function usesIsTypeOf(schema: GraphQLSchema): boolean {
  let uses = usesIsTypeOfBySchema.get(schema)
  if (uses === undefined) {
    uses = Object.values(schema.getTypeMap()).some(type => isObjectType(type) && Boolean(type.isTypeOf))
    usesIsTypeOfBySchema.set(schema, uses)
  }
  return uses
}
