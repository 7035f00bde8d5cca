import type { ServerResponse } from 'node:http'
import { isAsyncIterable } from '@graphql-tools/utils'
import { type AuthMode, challengeFor } from '../auth/authenticator.ts'
import { asGraphQLError, type HttpExtension } from '../errorMapping.ts'
import type { SingleResultType } from '../graphql/contentNegotiation.ts'
import { type ErrorReportingOptions, reportRequestErrors } from '../graphql/plugins/useErrorReporting.ts'
import type { GraphQLParams, ServerContext } from '../graphql/requestContext.ts'
import type { GraphQLServer } from '../graphql/yoga.ts'
import type { Result } from '../observability/operationRecorder.ts'

/**
 * Finds queries which may have several results. A false positive, such as a field named `stream`, only loses the fast
 * path. The pattern omits the `@`, because GraphQL allows white space and comments between `@` and the name.
 */
const INCREMENTAL_KEYWORDS = /\b(?:subscription|defer|stream)\b/

/** Plugins receive this constant instead of the real request on the fast path, because plugins read only the method. */
const POST = new Request('http://gateway/graphql', { method: 'POST' })

/** Returns false if the request must pass through the HTTP layer of Yoga. */
export function isSingleResultRequest(params: unknown): params is GraphQLParams {
  if (typeof params !== 'object' || params === null || !('query' in params)) return false
  const { query } = params
  // A document id may refer to a subscription, so the fast path requires the text of the query.
  return typeof query === 'string' && query !== '' && !INCREMENTAL_KEYWORDS.test(query)
}

export interface FastPathOptions {
  readonly graphql: GraphQLServer
  readonly errorReporting: ErrorReportingOptions
  readonly authMode: AuthMode
}

/**
 * Runs the request through all plugins of Yoga without Yoga's HTTP layer, which creates a web `Request`, a `Response`
 * and streams for each request, and takes several times as long as a typical query.
 */
export async function respondFast(
  { graphql, errorReporting, authMode }: FastPathOptions,
  params: GraphQLParams,
  mediaType: SingleResultType,
  context: ServerContext,
  response: ServerResponse,
): Promise<void> {
  let executed: Result
  try {
    const single = await graphql.getResultForParams({ params, request: POST }, context)
    if (single === undefined || isAsyncIterable(single)) {
      throw new Error('A fast path request returned an incremental result: expected a single result.')
    }
    executed = single
  } catch (error) {
    // If an error occurs before parsing, Yoga throws the error instead of returning a result.
    executed = { errors: [asGraphQLError(error)] }
  }
  const result = reportRequestErrors(errorReporting, context.operation, executed)
  const headers: Record<string, string> = { 'content-type': `${mediaType}; charset=utf-8` }
  let status = 0
  for (const { extensions } of result.errors ?? []) {
    const http = extensions.http as HttpExtension | undefined
    Object.assign(headers, http?.headers)
    if (mediaType !== 'application/json' || !http?.spec) status = Math.max(status, http?.status ?? 0)
  }
  const challenge = status === 401 ? challengeFor(authMode, name => response.req.headers[name] !== undefined) : null
  if (challenge !== null) headers['www-authenticate'] = challenge
  const body = JSON.stringify(result)
  // Node sends a string together with the head. For ASCII text, `latin1` equals UTF-8 and is faster.
  const bytes = Buffer.byteLength(body)
  response
    .writeHead(status || 200, { ...headers, 'content-length': bytes })
    .end(body, bytes === body.length ? 'latin1' : 'utf8')
}
