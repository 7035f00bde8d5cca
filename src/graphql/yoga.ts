import type { GraphQLSchema } from 'graphql'
import { createYoga, type YogaServerInstance } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { toGraphQLError } from '../errorCodes.ts'
import { createNullableSchema } from './schema.ts'
import { acceptance } from './plugins/useIncrementalFallback.ts'
import type { Entrance } from '../auth/authenticator.ts'
import { challenge } from '../auth/challenge.ts'
import { deadline } from './plugins/useDeadline.ts'
import { deferStream } from './plugins/useDeferStream.ts'
import { documentCache } from './plugins/parserCache.ts'
import { ERROR_BEHAVIOR, errorBehavior } from './plugins/useOnError.ts'
import { plannedQueries } from './execution/usePlannedExecution.ts'
import { limitCost } from './plugins/useCostLimit.ts'
import { limitShape } from './plugins/useQueryLimits.ts'
import type { RateLimit } from './limits/rateLimit.ts'
import { trustDocuments } from './plugins/useTrustedDocuments.ts'
import type { TrustedDocuments } from './limits/trustedDocuments.ts'
import { reportErrors } from './plugins/useErrorReporting.ts'
import type { GraphContext, ServerContext } from './requestContext.ts'
import { validateOnce } from './plugins/useValidationCache.ts'

export interface GraphOptions {
  readonly schema: GraphQLSchema
  readonly config: Pick<Config, 'federation' | 'http' | 'limits' | 'queries'>
  readonly log: Logger
  readonly contextOf: (request: ServerContext) => GraphContext | Promise<GraphContext>
  /** What a request has to bring. */
  readonly entrance: Entrance
  readonly rateLimit: RateLimit | null
  /** The only documents that are run; null: any is. */
  readonly documents: TrustedDocuments | null
}

export type Graph = YogaServerInstance<ServerContext, GraphContext>

/** The graph as Yoga serves it: what both doors, HTTP and WebSocket, ask. */
export const createGraph = (options: GraphOptions): Graph => {
  const { schema, config, log, contextOf, entrance, rateLimit, documents } = options
  return createYoga<ServerContext, GraphContext>({
    schema,
    context: contextOf,
    graphqlEndpoint: '/graphql',
    // The page is the door's, which sends it with its headers.
    graphiql: false,
    // Yoga answers whatever address ends so, the parameters of a query as well, and has no way not to: none ends with a space.
    healthCheckEndpoint: ' ',
    landingPage: false,
    cors: false,
    multipart: false,
    // The door bounds it.
    maxRequestBodySize: false,
    parserAndValidationCache: documentCache(),
    extraParamNames: [ERROR_BEHAVIOR],
    maskedErrors: { maskError: toGraphQLError },
    logging: yogaLogging(log),
    plugins: [
      plannedQueries(),
      trustDocuments(documents),
      ...validateOnce(deferStream(), limitShape(config.queries)),
      limitCost({ schema, sizes: config.limits, queries: config.queries, rateLimit }),
      acceptance(),
      deadline(config.http.timeoutMs),
      errorBehavior(createNullableSchema(config.federation.node)),
      reportErrors({ log, suggestions: config.queries.suggestions }),
      challenge(entrance),
    ],
  })
}

/** Errors are logged by `reportErrors`, with the request that they belong to; the rest is for whoever debugs. */
const yogaLogging = (log: Logger) => {
  const debug = (...parts: unknown[]) => log.debug({ from: 'yoga' }, parts.map(String).join(' '))
  return { debug, info: debug, warn: debug, error: debug }
}
