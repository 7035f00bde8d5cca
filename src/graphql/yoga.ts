import type { DocumentNode, GraphQLSchema } from 'graphql'
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import { type AuthMode, challengeFor } from '../auth/authenticator.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { asGraphQLError } from '../errorMapping.ts'
import type { AnalyzeDocument } from './analyzeDocument.ts'
import { usePlannedExecution } from './execution/usePlannedExecution.ts'
import { useDeadline } from './plugins/useDeadline.ts'
import { DECODING_ERROR_LIMIT, type ErrorReportingOptions, useErrorReporting } from './plugins/useErrorReporting.ts'
import { useIncrementalDelivery } from './plugins/useIncrementalDelivery.ts'
import { useOperationName } from './plugins/useOperationName.ts'
import { type ClientLimits, useQueryLimits } from './plugins/useQueryLimits.ts'
import { type TrustedDocuments, useTrustedDocuments } from './plugins/useTrustedDocuments.ts'
import type { ServerContext } from './requestContext.ts'
import { toClientSchema } from './schema.ts'

export interface GraphQLServerOptions {
  readonly schema: GraphQLSchema
  /** Must use the same schema. */
  readonly analyzeDocument: AnalyzeDocument
  readonly config: Pick<Config, 'http' | 'restcomm' | 'queries'>
  readonly errorReporting: ErrorReportingOptions
  readonly buildContext: (request: ServerContext) => Context | Promise<Context>
  readonly authMode: AuthMode
  readonly clientLimits: ClientLimits
  /** If null, clients may send any document. */
  readonly trustedDocuments: TrustedDocuments | null
}

export type GraphQLServer = YogaServerInstance<ServerContext, Context>

/** Creates the GraphQL server for both transports (the HTTP handler and the WebSocket server). */
export function createGraphQLServer(options: GraphQLServerOptions): GraphQLServer {
  const { schema, analyzeDocument, config, buildContext, authMode, clientLimits, trustedDocuments } = options
  return createYoga<ServerContext, Context>({
    schema,
    context: buildContext,
    graphqlEndpoint: '/graphql',
    parserAndValidationCache: {
      documentCache: createTextCache<DocumentNode>(),
      errorCache: createTextCache<Error>(),
      // `useQueryLimits` caches results by document. Yoga's cache joins the names of all rules for each request.
      validationCache: false,
    },
    // `useErrorReporting` masks errors, also those in deferred parts.
    maskedErrors: { maskError: asGraphQLError },
    // `useErrorReporting` logs the errors.
    logging: false,
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
      usePlannedExecution(
        document => {
          const { conditionVariables, incrementalParts, introspects } = analyzeDocument(document)
          return incrementalParts > 0 || introspects ? null : conditionVariables
        },
        findCancellation,
        { errors: DECODING_ERROR_LIMIT, maxFields: Math.max(MIN_FIELDS, config.queries.maxCost) },
      ),
      // Resolves document ids and rejects untrusted documents before parsing.
      useTrustedDocuments(trustedDocuments),
      // Rejects a document without the requested operation.
      useOperationName(),
      // Checks the query limits before validation, and the cost before execution.
      useQueryLimits(config.queries, clientLimits, analyzeDocument),
      // Removes `@defer` and `@stream` for clients that accept only a single result.
      useIncrementalDelivery(analyzeDocument),
      // Limits the time of the request, including deferred parts.
      useDeadline(config.http.timeoutMs, config.restcomm.commandTimeoutMs),
      // Shows the schema for clients in introspection.
      useClientIntrospection(analyzeDocument),
      // Masks, logs and counts the errors of all plugins above, and limits the size of results.
      useErrorReporting(options.errorReporting),
      // Adds the header `WWW-Authenticate` to responses with status 401.
      useChallenge(authMode),
    ],
  })
}

/** Fields that an event or mutation may complete, if `MAX_QUERY_COST` is smaller. Takes up to 150 MB. */
const MIN_FIELDS = 250_000

/** The deadline, or the disconnection of the client. */
function findCancellation(context: unknown): unknown {
  const { isCancelled, reason } = (context as ServerContext).cancellation
  return isCancelled ? reason : null
}

/** Total length of cached texts. Parsed documents use up to 250 bytes per character, so the maximum is 125 MB. */
const MAX_CACHED_CHARS = 500_000
const MAX_CACHED_TEXTS = 1_000

/** Limits Yoga's parser cache by the length of texts. Yoga's default caches limit only the number of documents. */
function createTextCache<V extends object>() {
  return new LRUCache<string, V>({
    max: MAX_CACHED_TEXTS,
    maxSize: MAX_CACHED_CHARS,
    // The cache requires a positive size, so an empty text has the size 1.
    sizeCalculation: (_value, text) => text.length + 1,
  })
}

/** Queries of routers, which select `_service` or `_entities`, see the complete schema. */
function useClientIntrospection(analyzeDocument: AnalyzeDocument): Plugin {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => {
      const { introspects, selectsRouterFields } = analyzeDocument(args.document)
      if (!introspects || selectsRouterFields) return
      setExecuteFn(executionArgs => executeFn({ ...executionArgs, schema: toClientSchema(executionArgs.schema) }))
    },
  }
}

function useChallenge(authMode: AuthMode): Plugin {
  return {
    onResponse: ({ request, response }) => {
      const challenge = response.status === 401 ? challengeFor(authMode, name => request.headers.has(name)) : null
      if (challenge !== null) response.headers.set('www-authenticate', challenge)
    },
  }
}
