import type { ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import { type GraphQLParams, isAsyncIterable } from 'graphql-yoga'
import { toGraphQLError } from '../errorCodes.ts'
import type { Entrance } from '../auth/authenticator.ts'
import { challengeOf } from '../auth/challenge.ts'
import { formatted } from '../graphql/formatResult.ts'
import type { Graph } from '../graphql/yoga.ts'
import { remembered } from './boundedMemo.ts'
import { type ReportOptions, reportRefusal } from '../graphql/plugins/useErrorReporting.ts'
import type { ServerContext } from '../graphql/requestContext.ts'

/** How a result is written: as JSON that says so, or as the media type of GraphQL over HTTP. */
type MediaType = 'application/json' | 'application/graphql-response+json'

/**
 * Whatever could come in parts. What only looks like it is Yoga's as well. An `@` may stand apart from its name, with
 * anything between them that GraphQL ignores.
 */
const IN_PARTS = /\b(?:subscription|defer|stream)\b/

/** Yoga's plugins ask it for its method. */
const POST = new Request('http://gateway/graphql', { method: 'POST' })

/** A POST whose answer is one JSON text. */
interface PlainRequest {
  readonly params: GraphQLParams
  readonly mediaType: MediaType
}

/** The plain request that these are; null where Yoga's own HTTP has more to do for it. */
export const plainRequest = (params: unknown, accept: string | undefined): PlainRequest | null => {
  if (typeof params !== 'object' || params === null || !('query' in params)) return null
  const { query } = params
  // Without a text, an id may stand for one of any kind.
  const isPlain = typeof query === 'string' && query !== '' && !IN_PARTS.test(query)
  const mediaType = isPlain ? firstAccepted(accept ?? '*/*') : null
  return mediaType === null ? null : { params: params as GraphQLParams, mediaType }
}

export interface PlainDoor {
  readonly graph: Graph
  readonly reports: ReportOptions
  /** What a request has to bring. */
  readonly entrance: Entrance
}

/**
 * Answers a plain request, through all plugins that Yoga's own HTTP goes through. That one makes a web `Request` and
 * `Response` with their streams for each request, which takes several times as long as the query itself.
 */
export const answerPlain = async (
  { graph, reports, entrance }: PlainDoor,
  { params, mediaType }: PlainRequest,
  context: ServerContext,
  response: ServerResponse,
): Promise<void> => {
  const result = reportRefusal(reports, context.operation, await resultOf(graph, params, context))
  const { status, headers } = headOf(result, mediaType)
  const challenge = status === 401 ? challengeOf(entrance, name => response.req.headers[name] !== undefined) : null
  if (challenge !== null) headers['www-authenticate'] = challenge
  const body = JSON.stringify(formatted(result))
  // As a text it leaves in one piece with the head.
  const bytes = Buffer.byteLength(body)
  response
    .writeHead(status, { ...headers, 'content-length': bytes })
    .end(body, bytes === body.length ? 'latin1' : 'utf8')
}

const resultOf = async (graph: Graph, params: GraphQLParams, context: ServerContext): Promise<ExecutionResult> => {
  try {
    const result = await graph.getResultForParams({ params, request: POST }, context)
    // Nothing that comes in parts was let in here.
    if (result === undefined || isAsyncIterable(result)) throw new Error('A plain request has a single result.')
    return result
  } catch (error) {
    // Of parameters that are none, before there is a query.
    return { errors: [toGraphQLError(error)] }
  }
}

interface HttpExtension {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the status is for clients only that know what it means for GraphQL. */
  readonly spec?: boolean
}

/** The largest status that an error asks for, and the headers of all. */
const headOf = ({ errors = [], extensions }: ExecutionResult, mediaType: MediaType) => {
  const own = extensions?.http as HttpExtension | undefined
  const headers: Record<string, string> = { 'content-type': `${mediaType}; charset=utf-8`, ...own?.headers }
  let status = own?.status ?? 0
  for (const error of errors) {
    const http = error.extensions.http as HttpExtension | undefined
    Object.assign(headers, http?.headers)
    if (mediaType === 'application/json' && http?.spec) continue
    status = Math.max(status, http?.status ?? 0)
  }
  return { status: status || 200, headers }
}

/** The first that is accepted, as Yoga has it, and JSON for a wildcard. There are no weights any more. */
const firstAccepted = remembered((accept: string): MediaType | null => {
  for (const range of accept.replace(/\s/g, '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';')
    if (parameters.some(parameter => parameter.includes('charset=') && parameter !== 'charset=utf-8')) continue
    if (type === 'application/graphql-response+json' || type === 'application/json') return type
    if (type === '*/*' || type === 'application/*') return 'application/json'
  }
  return null
})
