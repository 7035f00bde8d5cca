import { getVariableValues } from '@graphql-tools/executor'
import { memoize1, memoize2 } from '@graphql-tools/utils'
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
  getOperationAST,
  isObjectType,
  OperationTypeNode,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { Execution, type ExecutionLimits, type FindCancellation } from './execution.ts'
import { DocumentPlans } from './plan.ts'
import { toSlicedSchema } from './slicedSchema.ts'

/**
 * Returns the names of the variables in `@skip` and `@include`; null if the document uses `@defer`, `@stream` or
 * introspection, which have no plans.
 */
export type FindConditionVariables = (document: DocumentNode) => Iterable<string> | null

interface YogaExecutionArgs extends ExecutionArgs {
  readonly signal?: AbortSignal | undefined
  readonly schemaCoordinateInErrors?: boolean | undefined
}

/**
 * Executes queries with plans that are cached per document. Requests without a plan, such as mutations, run in Yoga's
 * executor, with `findCancellation` in slices as well. Must be the first plugin, because later plugins wrap the execute
 * function to change the schema or the document.
 */
export function usePlannedExecution(
  findConditionVariables: FindConditionVariables,
  findCancellation?: FindCancellation,
  limits: ExecutionLimits = NO_LIMITS,
): Plugin {
  const planQuery = createQueryPlanner(findConditionVariables)
  const inSlices = <Args extends ExecutionArgs>(args: Args): Args => {
    if (findCancellation === undefined) return args
    return { ...args, schema: toSlicedSchema(args.schema, findCancellation, limits) }
  }
  return {
    onSubscribe: ({ subscribeFn, setSubscribeFn }) => {
      setSubscribeFn((args: YogaExecutionArgs) => subscribeFn(inSlices(args)))
    },
    onExecute: ({ executeFn, setExecuteFn }) => {
      setExecuteFn((args: YogaExecutionArgs) => {
        const { signal, schemaCoordinateInErrors, fieldResolver, typeResolver, contextValue: context, rootValue } = args
        const isSupported = !(signal || schemaCoordinateInErrors || fieldResolver || typeResolver)
        const planned = isSupported ? planQuery(args) : null
        if (planned === null) return executeFn(inSlices(args))
        const request = { ...planned, context, rootValue }
        return new Execution(request, findCancellation ?? neverCancelled, limits.errors).execute()
      })
    },
  }
}

const NO_LIMITS: ExecutionLimits = {
  errors: { max: Number.POSITIVE_INFINITY, appliesTo: () => false },
  maxFields: Number.POSITIVE_INFINITY,
}

function neverCancelled(): null {
  return null
}

/** If the request cannot be planned or has invalid variables, the planner returns null. */
export function createQueryPlanner(findConditionVariables: FindConditionVariables) {
  // Keys are weak, so that plans are freed together with the document.
  const plansOf = memoize2((schema: GraphQLSchema, document: DocumentNode): DocumentPlans | null => {
    const conditionVariables = usesIsTypeOf(schema) ? null : findConditionVariables(document)
    return conditionVariables && new DocumentPlans(schema, document, conditionVariables)
  })
  return ({ schema, document, operationName, variableValues }: ExecutionArgs) => {
    const operation = getOperationAST(document, operationName)
    if (operation?.operation !== OperationTypeNode.QUERY) return null
    const plans = plansOf(schema, document)
    if (plans === null) return null
    const { variableDefinitions = [] } = operation
    const { variableValues: variables } = getVariableValues(schema, variableDefinitions, variableValues ?? {}, {
      maxErrors: 1,
    })
    return variables === undefined ? null : { plan: plans.plan(operation, variables), variables }
  }
}

/** Schemas with `isTypeOf` are not planned, because planned execution does not call `isTypeOf`. */
const usesIsTypeOf = memoize1((schema: GraphQLSchema) =>
  Object.values(schema.getTypeMap()).some(type => isObjectType(type) && Boolean(type.isTypeOf)),
)
