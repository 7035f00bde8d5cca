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
  /** If null, clients may send any document. */
  readonly trustedDocuments: TrustedDocuments | null
}

export type GraphQLServer = YogaServerInstance<ServerContext, GraphQLContext>

/** Creates the GraphQL server for both transports (the HTTP handler and the WebSocket server). */
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
    // The HTTP handler already provides GraphiQL, CORS and the limit of the body size.
    graphiql: false,
    cors: false,
    maxRequestBodySize: false,
    // Disables Yoga's health check for all URLs: no URL ends with a space.
    healthCheckEndpoint: ' ',
    // Hooks run in the order of the list. If several plugins wrap the execute function, the last plugin is outermost.
    plugins: [
      // Must be first, so that planned execution uses the schema and the document from the later plugins.
      usePlannedExecution(),
      // Resolves document ids and rejects untrusted documents before parsing.
      useTrustedDocuments(trustedDocuments),
      // Checks the query limits before the validation rules, and caches the result per document.
      ...useValidationCache(useDeferStream(), useQueryLimits(config.queries)),
      // Runs before any resolver, but after the context is built, because the rate limit needs the client.
      useCostLimit({ schema, pageSizes: config.limits, queries: config.queries, rateLimit }),
      // Removes `@defer` and `@stream` for clients that accept only a single result.
      useIncrementalFallback(),
      // Limits the time of the request, including deferred parts.
      useDeadline(config.http.timeoutMs),
      // Executes requests with `onError: NULL` on a schema in which every field is nullable.
      useOnError(createNullableSchema(config.federation.node)),
      // Masks, logs and counts the errors of all plugins above.
      useErrorReporting({ log, suggestions: config.queries.suggestions }),
      // Adds the header `WWW-Authenticate` to responses with status 401.
      useChallenge(authMode),
    ],
  })
}

/** Logs every message as `debug`, because `useErrorReporting` already logs the errors. */
function createYogaLogger(log: Logger) {
  const debug = (...parts: unknown[]) => log.debug({ from: 'yoga' }, parts.map(String).join(' '))
  return { debug, info: debug, warn: debug, error: debug }
}
