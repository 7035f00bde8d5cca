import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga'
import type { Context } from '../../context.ts'
import { userInputError } from '../../userInputError.ts'
import type { AnalyzeDocument, CostEstimate } from '../analyzeDocument.ts'
import type { RateLimit, RateLimitState } from '../limits/rateLimit.ts'
import type { VariablesInput } from '../rawVariables.ts'
import type { ServerContext } from '../requestContext.ts'
import type { QueryLimits } from './useQueryLimits.ts'

type OnExecuteDonePayload = Parameters<typeof handleStreamOrSingleExecutionResult<CostLimitContext>>[0]

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

type CostLimitContext = WithParams & ServerContext & Context

/** Enforces the cost limit and the rate limit before execution. A subscription is charged once, for a single event. */
export function useCostLimit(
  queries: QueryLimits,
  rateLimit: RateLimit | null,
  analyzeDocument: AnalyzeDocument,
): Plugin<CostLimitContext> {
  // Yoga passes one context object to all hooks of a request, so the object identifies the request.
  const reports = new WeakMap<object, CostReport>()

  const setReport = (context: CostLimitContext, cost: number, rateLimitState?: RateLimitState): void => {
    const isRequested = context.wantsCost || context.params?.extensions?.cost === true
    if (isRequested) reports.set(context, { requested: cost, limit: queries.maxCost, ...rateLimitState })
  }
  const addReport = (payload: OnExecuteDonePayload) => {
    const cost = reports.get(payload.args.contextValue)
    if (cost === undefined) return undefined
    return handleStreamOrSingleExecutionResult(payload, ({ result, setResult }) => {
      if (result.data !== undefined) setResult({ ...result, extensions: { ...result.extensions, cost } })
    })
  }

  return {
    onParse:
      () =>
      ({ context, result }) => {
        if (result !== null && 'definitions' in result) context.operation.document = result
      },
    onContextBuilding: ({ context }) => {
      const { document } = context.operation
      const { operationName, variables } = context.params ?? {}
      const estimate = document && analyzeDocument(document).estimateCost(operationName, variables)
      if (estimate === null) return undefined
      context.operation.cost = estimate.cost
      assertWithinLimits(estimate, queries)
      if (rateLimit === null) return setReport(context, estimate.cost)
      return rateLimit(context.clientId, estimate.cost).then(state => setReport(context, estimate.cost, state))
    },
    onExecute: () => ({ onExecuteDone: addReport }),
    onSubscribe: () => ({ onSubscribeResult: addReport }),
  }
}

function assertWithinLimits({ cost, longestIdList, references }: CostEstimate, queries: QueryLimits): void {
  const { maxCost, maxNodeIds, maxReferences } = queries
  if (longestIdList > maxNodeIds) {
    const message = `\`ids\` has ${longestIdList} entries, more than the maximum of ${maxNodeIds}.`
    throw userInputError('TOO_MANY_IDS', message)
  }
  // References have a separate limit, because every invalid reference adds an error to the response.
  if (references > maxReferences) {
    const message = `The query references ${references} objects by id or key, more than the maximum of ${maxReferences}.`
    throw userInputError('TOO_MANY_IDS', message)
  }
  if (cost > maxCost) {
    const message =
      `The query cost is ${cost}, more than the maximum of ${maxCost} (MAX_QUERY_COST): request smaller pages or ` +
      'fewer nested connections.'
    throw userInputError('QUERY_TOO_COSTLY', message, { cost, limit: maxCost })
  }
}
