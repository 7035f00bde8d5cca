import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLError } from 'graphql'
import { userInputError } from '../userInputError.ts'

/** Request target in absolute form, such as `http://host/path?query`. The groups are `host` and `/path?query`. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i

/** Request headers which scripts may set, in addition to the headers always allowed by CORS. */
const ALLOWED_REQUEST_HEADERS = 'authorization, content-type, traceparent, tracestate, x-graphql-cost, x-request-id'
const EXPOSED_RESPONSE_HEADERS = 'x-request-id, retry-after'
const PREFLIGHT_MAX_AGE_SECONDS = '600'

/**
 * Reduces an absolute-form target to its path and sets `headers.host` from the target (RFC 9112, 3.2). Returns an error
 * for an invalid or ambiguous host, because a proxy in front of the gateway may have read a different host name.
 */
export function normalizeRequestTarget(request: IncomingMessage): GraphQLError | null {
  const { headers, rawHeaders, url = '' } = request
  // Node does not check the `Host` header of upgrade requests. Only HTTP/1.0 allows requests without a `Host` header.
  const isHostAllowed = headers.host === undefined ? request.httpVersion === '1.0' : isValidHost(headers.host)
  // `headers` has only the first `Host` header. `rawHeaders` has every header, in the order name, value, name, value.
  let hostCount = 0
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === 'host') hostCount++
  if (!isHostAllowed || hostCount > 1) return invalidHost()
  if (url.startsWith('/')) return null
  const [, host, path] = ABSOLUTE_FORM.exec(url) ?? []
  // A target such as `*` (in `OPTIONS *`) is valid, but matches no route.
  if (host === undefined || path === undefined) return null
  if (!isValidHost(host)) return invalidHost()
  request.url = path.startsWith('/') ? path : `/${path}`
  headers.host = host
  return null
}

function invalidHost(): GraphQLError {
  const message = 'Missing, repeated or invalid `Host` header: expected one host name with an optional port.'
  return userInputError('BAD_REQUEST', message)
}

const isValidHost = (text: string): boolean => !/[@/?#\\]/.test(text) && URL.canParse(`http://${text}`)

/**
 * Detects CSRF by `Sec-Fetch-Site` and `Origin`. Otherwise, any web site could run mutations or open a WebSocket
 * from the browser of a user with network access to the gateway. Returns null for programs, which send neither header,
 * and for navigation by GET, whose response the web site cannot read.
 */
export function crossOriginError({ method, headers }: IncomingMessage, trustedOrigins: ReadonlySet<string>) {
  const { origin, 'sec-fetch-site': fetchSite, 'sec-fetch-mode': fetchMode } = headers
  if (origin !== undefined && trustedOrigins.has(origin)) return null
  const isAllowed =
    fetchSite === undefined
      ? origin === undefined || isSameHost(origin, headers)
      : fetchSite === 'same-origin' || fetchSite === 'none' || (method === 'GET' && fetchMode === 'navigate')
  if (isAllowed) return null
  const message =
    'The origin of the page is not allowed: expected the origin of the gateway or an origin in CORS_ORIGINS.'
  return userInputError('CROSS_ORIGIN', message)
}

/** Ignores the scheme, because a proxy may forward HTTPS requests over HTTP. */
function isSameHost(origin: string, { host }: IncomingHttpHeaders): boolean {
  const url = URL.parse(origin)
  return url !== null && URL.parse(`${url.protocol}//${host}`)?.host === url.host
}

/**
 * Sets the CORS headers of a response to a trusted origin. Omits `access-control-allow-credentials`, because the gateway
 * uses no cookies. Responds to a preflight request and returns true; returns false for every further request.
 */
export function handleCors(response: ServerResponse, trustedOrigins: ReadonlySet<string>): boolean {
  const { method, headers } = response.req
  if (trustedOrigins.size === 0) return false
  response.setHeader('vary', 'Origin')
  if (headers.origin === undefined || !trustedOrigins.has(headers.origin)) return false
  response.setHeader('access-control-allow-origin', headers.origin)
  response.setHeader('access-control-expose-headers', EXPOSED_RESPONSE_HEADERS)
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': ALLOWED_REQUEST_HEADERS,
    'access-control-max-age': PREFLIGHT_MAX_AGE_SECONDS,
  })
  response.end()
  return true
}
