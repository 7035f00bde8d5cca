import type { IncomingMessage } from 'node:http'
import type { GraphQLError } from 'graphql'
import { userInputError } from '../userInputError.ts'

/** Request target in absolute form, such as `http://host/path?query`. The groups are `host` and `/path?query`. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i

/**
 * Reduces an absolute-form target to its path and sets `headers.host` from the target (RFC 9112, 3.2). Returns an error
 * for an invalid or ambiguous host, because a proxy in front of the gateway may have read a different host name.
 */
export function normalizeRequestTarget(request: IncomingMessage): GraphQLError | null {
  const { headers, rawHeaders, url = '' } = request
  // Node does not check the `Host` header of upgrade requests. Only HTTP/1.0 allows requests without a `Host` header.
  const isHostAllowed = headers.host === undefined ? request.httpVersion === '1.0' : isValidHost(headers.host)
  if (!isHostAllowed || hasMultipleHosts(rawHeaders)) return invalidHost()
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

/** `headers` has only the first `Host` header. `rawHeaders` has every header, in the order name, value, name, value. */
function hasMultipleHosts(rawHeaders: readonly string[]): boolean {
  const isHost = (text: string, index: number) => index % 2 === 0 && text.length === 4 && text.toLowerCase() === 'host'
  return rawHeaders.filter(isHost).length > 1
}
