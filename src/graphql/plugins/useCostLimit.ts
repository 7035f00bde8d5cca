import { type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql'
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga'
import type { Config } from '../../config.ts'
import type { GraphContext, ServerContext } from '../requestContext.ts'
import { type Count, costCounter, type PageSizes } from '../limits/calculateCost.ts'
import type { Left, RateLimit } from '../limits/rateLimit.ts'
import { refusal } from '../requestError.ts'
import type { Values } from '../rawVariables.ts'

interface CostOptions {
  readonly schema: GraphQLSchema
  readonly sizes: PageSizes
  readonly queries: Config['queries']
  readonly rateLimit: RateLimit | null
}

/** What one that asks is told as `extensions.cost`. */
interface Report extends Partial<Left> {
  readonly requested: number
  readonly limit: number
}

/** Both doors put them there before the graph is asked. */
interface Asked {
  readonly params?: {
    readonly operationName?: string | null
    readonly variables?: Values
    readonly extensions?: Readonly<Record<string, unknown>> | null
  }
}

type InContext = Asked & ServerContext & GraphContext

/**
 * Refuses what costs too much, by what it would read at most, once it is known who asks and before anything is run. A
 * subscription counts what one of its events reads, once.
 */
export const limitCost = ({ schema, sizes, queries, rateLimit }: CostOptions): Plugin<InContext> => {
  const count = costCounter(schema, sizes)
  // By the context, which is one object for all of a request.
  const reports = new WeakMap<object, Report>()

  const report = (context: InContext, cost: number, left?: Left): void => {
    if (asksForCost(context)) reports.set(context, { requested: cost, limit: queries.maximumCost, ...left })
  }
  const reported = (context: unknown, result: ExecutionResult): ExecutionResult => {
    const cost = reports.get(context as object)
    return cost === undefined || result.data === undefined
      ? result
      : { ...result, extensions: { ...result.extensions, cost } }
  }
  const reportedAll = (context: unknown, result: unknown): unknown =>
    isAsyncIterable<ExecutionResult>(result)
      ? mapAsyncIterator(result, part => reported(context, part))
      : reported(context, result as ExecutionResult)

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
      // Whoever runs it says what is wrong.
      if (document === null || !operation) return undefined
      const counted = count(document, operation, variables)
      context.operation.cost = counted.cost
      refuseTooMuch(counted, queries)
      if (rateLimit === null) return report(context, counted.cost)
      return rateLimit(context.client, counted.cost).then(left => report(context, counted.cost, left))
    },
    onExecute: ({ args: { contextValue } }) => {
      if (!reports.has(contextValue)) return undefined
      return {
        onExecuteDone: ({ result, setResult }) => setResult(reportedAll(contextValue, result) as ExecutionResult),
      }
    },
    onSubscribe: ({ args: { contextValue } }) => {
      if (!reports.has(contextValue)) return undefined
      return {
        onSubscribeResult: ({ result, setResult }) => setResult(reportedAll(contextValue, result) as ExecutionResult),
      }
    },
  }
}

const asksForCost = ({ asksForCost, params }: InContext): boolean => asksForCost || params?.extensions?.cost === true

const refuseTooMuch = ({ cost, nodeIds, references }: Count, queries: Config['queries']): void => {
  const { maximumCost, maximumNodeIds, maximumReferences } = queries
  if (nodeIds > maximumNodeIds) {
    throw refusal('TOO_MANY_IDS', `\`ids\` takes at most ${maximumNodeIds} (MAX_NODE_IDS); there were ${nodeIds}.`)
  }
  // One that is not right costs nothing upstream, and an error of its own here.
  if (references > maximumReferences) {
    throw refusal(
      'TOO_MANY_IDS',
      `The query names ${references} objects, and may name ${maximumReferences} (MAX_QUERY_REFERENCES).`,
    )
  }
  if (cost > maximumCost) {
    throw refusal(
      'QUERY_TOO_COSTLY',
      `The query would cost ${cost}, and may cost ${maximumCost} (MAX_QUERY_COST): ask for smaller pages, or for less ` +
        'in each of their nodes.',
      { extensions: { cost, limit: maximumCost } },
    )
  }
}
