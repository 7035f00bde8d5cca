import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a page may send beside what needs no leave. */
const REQUEST_HEADERS = 'authorization, content-type, traceparent, tracestate, x-graphql-cost, x-request-id'
/** What a page may read of an answer beside what needs no leave. */
const RESPONSE_HEADERS = 'x-request-id, retry-after'
/** How long a browser need not ask again. Seconds. */
const MAX_AGE = '600'

/**
 * Lets pages of these origins read the answer, and no others. There are no cookies, so nothing that a browser keeps is
 * let in with it.
 */
export const allowOrigin = (
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  trusted: ReadonlySet<string>,
): void => {
  if (trusted.size === 0) return
  response.setHeader('vary', 'Origin')
  if (origin === undefined || !trusted.has(origin)) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', RESPONSE_HEADERS)
}

/** Whether a browser asks what a page may send. Only those of the trusted origins get here. */
export const isPreflight = ({ method, headers }: IncomingMessage, trusted: ReadonlySet<string>): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined && trusted.has(headers.origin ?? '')

export const answerPreflight = (response: ServerResponse): void => {
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': MAX_AGE,
    })
    .end()
}
