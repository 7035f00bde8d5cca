import { type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql'
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga'
import type { QueryLimits } from '../limits/checkQueryLimits.ts'
import { type CostEstimate, createCostCalculator, type PageSizes } from '../limits/costCalculator.ts'
import type { RateLimit, RateLimitState } from '../limits/rateLimit.ts'
import type { VariablesInput } from '../rawVariables.ts'
import type { GraphQLContext, ServerContext } from '../requestContext.ts'
import { requestError } from '../requestError.ts'

interface CostLimitOptions {
  readonly schema: GraphQLSchema
  readonly pageSizes: PageSizes
  readonly queries: QueryLimits
  readonly rateLimit: RateLimit | null
}

interface CostReport extends Partial<RateLimitState> {
  readonly requested: number
  readonly limit: number
}

interface WithParams {
  readonly params?: {
    readonly operationName?: string | null
    readonly variables?: VariablesInput
    readonly extensions?: Readonly<Record<string, unknown>> | null
  }
}

type CostLimitContext = WithParams & ServerContext & GraphQLContext

/** Enforces the cost limit and the rate limit before execution. A subscription is charged once, for a single event. */
export function useCostLimit({ schema, pageSizes, queries, rateLimit }: CostLimitOptions): Plugin<CostLimitContext> {
  const calculateCost = createCostCalculator(schema, pageSizes)
  // Yoga passes one context object to all hooks of a request, so the object identifies the request.
  const reports = new WeakMap<object, CostReport>()

  const setReport = (context: CostLimitContext, cost: number, rateLimitState?: RateLimitState): void => {
    if (wantsCost(context)) reports.set(context, { requested: cost, limit: queries.maxCost, ...rateLimitState })
  }
  const addReport = (context: unknown, result: ExecutionResult): ExecutionResult => {
    const cost = reports.get(context as object)
    return cost === undefined || result.data === undefined
      ? result
      : { ...result, extensions: { ...result.extensions, cost } }
  }
  const addReportToAll = (context: unknown, result: unknown): unknown =>
    isAsyncIterable<ExecutionResult>(result)
      ? mapAsyncIterator(result, part => addReport(context, part))
      : addReport(context, result as ExecutionResult)

  return {
    onParse:
      () =>
      ({ context, result }) => {
        if (result !== null && 'definitions' in result) context.operation.document = result
      },
    onContextBuilding: ({ context }) => {
      const { document } = context.operation
      const { operationName, variables } = context.params ?? {}
      const operation = document && getOperationAST(document, operationName)
      // If the operation is missing or ambiguous, execution reports the error.
      if (document === null || !operation) return undefined
      const estimate = calculateCost(document, operation, variables)
      context.operation.cost = estimate.cost
      assertWithinLimits(estimate, queries)
      if (rateLimit === null) return setReport(context, estimate.cost)
      return rateLimit(context.clientId, estimate.cost).then(state => setReport(context, estimate.cost, state))
    },
    onExecute: ({ args: { contextValue } }) => {
      if (!reports.has(contextValue)) return undefined
      return {
        onExecuteDone: ({ result, setResult }) => setResult(addReportToAll(contextValue, result) as ExecutionResult),
      }
    },
    onSubscribe: ({ args: { contextValue } }) => {
      if (!reports.has(contextValue)) return undefined
      return {
        onSubscribeResult: ({ result, setResult }) =>
          setResult(addReportToAll(contextValue, result) as ExecutionResult),
      }
    },
  }
}

function wantsCost({ wantsCost, params }: CostLimitContext): boolean {
  return wantsCost || params?.extensions?.cost === true
}

function assertWithinLimits({ cost, longestIdList, references }: CostEstimate, queries: QueryLimits): void {
  const { maxCost, maxNodeIds, maxReferences } = queries
  if (longestIdList > maxNodeIds) {
    const message = `\`ids\` has ${longestIdList} entries, more than the maximum of ${maxNodeIds} (MAX_NODE_IDS).`
    throw requestError('TOO_MANY_IDS', message)
  }
  // References have a separate limit, because every invalid reference adds an error to the response.
  if (references > maxReferences) {
    const message =
      `The query references ${references} objects by id or key, more than the maximum of ${maxReferences} ` +
      '(MAX_QUERY_REFERENCES).'
    throw requestError('TOO_MANY_IDS', message)
  }
  if (cost > maxCost) {
    const message =
      `The query cost is ${cost}, more than the maximum of ${maxCost} (MAX_QUERY_COST): request smaller pages or ` +
      'fewer nested connections.'
    throw requestError('QUERY_TOO_COSTLY', message, { extensions: { cost, limit: maxCost } })
  }
}
