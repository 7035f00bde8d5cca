import type { GraphQLSchema } from 'graphql'
import { createYoga, type YogaServerInstance } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { AuthMode } from '../auth/authenticator.ts'
import type { Config } from '../config.ts'
import { toGraphQLError } from '../errorMapping.ts'
import { usePlannedExecution } from './execution/usePlannedExecution.ts'
import type { RateLimit } from './limits/rateLimit.ts'
import type { TrustedDocuments } from './limits/trustedDocuments.ts'
import { createParserCache } from './plugins/parserCache.ts'
import { useChallenge } from './plugins/useChallenge.ts'
import { useCostLimit } from './plugins/useCostLimit.ts'
import { useDeadline } from './plugins/useDeadline.ts'
import { useDeferStream } from './plugins/useDeferStream.ts'
import { useErrorReporting } from './plugins/useErrorReporting.ts'
import { useIncrementalFallback } from './plugins/useIncrementalFallback.ts'
import { ON_ERROR_PARAM, useOnError } from './plugins/useOnError.ts'
import { useQueryLimits } from './plugins/useQueryLimits.ts'
import { useTrustedDocuments } from './plugins/useTrustedDocuments.ts'
import { useValidationCache } from './plugins/useValidationCache.ts'
import type { GraphQLContext, ServerContext } from './requestContext.ts'
import { createNullableSchema } from './schema.ts'

export interface GraphQLServerOptions {
  readonly schema: GraphQLSchema
  readonly config: Pick<Config, 'federation' | 'http' | 'limits' | 'queries'>
  readonly log: Logger
  readonly buildContext: (request: ServerContext) => GraphQLContext | Promise<GraphQLContext>
  readonly authMode: AuthMode
  readonly rateLimit: RateLimit | null
  /** Null: clients may send any document. */
  readonly trustedDocuments: TrustedDocuments | null
}

export type GraphQLServer = YogaServerInstance<ServerContext, GraphQLContext>

/** Serves both transports: the HTTP handler and the WebSocket server. */
export function createGraphQLServer(options: GraphQLServerOptions): GraphQLServer {
  const { schema, config, log, buildContext, authMode, rateLimit, trustedDocuments } = options
  return createYoga<ServerContext, GraphQLContext>({
    schema,
    context: buildContext,
    graphqlEndpoint: '/graphql',
    parserAndValidationCache: createParserCache(),
    extraParamNames: [ON_ERROR_PARAM],
    maskedErrors: { maskError: toGraphQLError },
    logging: createYogaLogger(log),
    landingPage: false,
    multipart: false,
    // The HTTP handler provides GraphiQL, CORS and the limit of the body size.
    graphiql: false,
    cors: false,
    maxRequestBodySize: false,
    // Yoga's health check cannot be disabled, and would match the end of a query string. No URL ends with a space.
    healthCheckEndpoint: ' ',
    // Hooks run in this order. A plugin that replaces the execute function wraps the replacements of earlier plugins.
    plugins: [
      // First, so that later plugins can change the schema or the document of a planned execution.
      usePlannedExecution(),
      // Resolves document ids and rejects untrusted documents before parsing.
      useTrustedDocuments(trustedDocuments),
      // Limits on lexical tokens, depth and aliases run before the validation rules. The result of both is cached per document.
      ...useValidationCache(useDeferStream(), useQueryLimits(config.queries)),
      // Needs the client from the context, and runs before any resolver.
      useCostLimit({ schema, pageSizes: config.limits, queries: config.queries, rateLimit }),
      // Removes `@defer` and `@stream` for clients that accept only a single result.
      useIncrementalFallback(),
      // Starts the timer of the request. The timer stops after the last deferred part.
      useDeadline(config.http.timeoutMs),
      // Exchanges the schema for requests with `onError: NULL`.
      useOnError(createNullableSchema(config.federation.node)),
      // Masks, logs and counts the errors of all plugins above.
      useErrorReporting({ log, suggestions: config.queries.suggestions }),
      // Adds `WWW-Authenticate` to the finished HTTP response.
      useChallenge(authMode),
    ],
  })
}

/** Yoga's messages are for debugging only: `useErrorReporting` logs errors with their request id. */
function createYogaLogger(log: Logger) {
  const debug = (...parts: unknown[]) => log.debug({ from: 'yoga' }, parts.map(String).join(' '))
  return { debug, info: debug, warn: debug, error: debug }
}
