import type { IncomingMessage, ServerResponse } from 'node:http'

/** Request headers which scripts may set, in addition to the headers always allowed by CORS. */
const ALLOWED_REQUEST_HEADERS = 'authorization, content-type, traceparent, tracestate, x-graphql-cost, x-request-id'
const EXPOSED_RESPONSE_HEADERS = 'x-request-id, retry-after'
const PREFLIGHT_MAX_AGE_SECONDS = '600'

/** Omits `access-control-allow-credentials`, because the gateway uses no cookies. */
export function setCorsHeaders(
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  trustedOrigins: ReadonlySet<string>,
): void {
  if (trustedOrigins.size === 0) return
  response.setHeader('vary', 'Origin')
  if (origin === undefined || !trustedOrigins.has(origin)) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', EXPOSED_RESPONSE_HEADERS)
}

export function isPreflight({ method, headers }: IncomingMessage, trustedOrigins: ReadonlySet<string>): boolean {
  return (
    method === 'OPTIONS' &&
    headers['access-control-request-method'] !== undefined &&
    trustedOrigins.has(headers.origin ?? '')
  )
}

export function respondToPreflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': ALLOWED_REQUEST_HEADERS,
      'access-control-max-age': PREFLIGHT_MAX_AGE_SECONDS,
    })
    .end()
}
