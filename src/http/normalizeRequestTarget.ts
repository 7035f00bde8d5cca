import type { IncomingMessage } from 'node:http'

export const INVALID_HOST = {
  code: 'BAD_REQUEST',
  message: 'Missing, repeated or invalid `Host` header: expected one host name with an optional port.',
} as const

/** Matches a request target in absolute form (RFC 9112, 3.2.2). The groups are the host, and the path with query. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i

/**
 * Reduces an absolute-form target to its path and sets `headers.host` from the target (RFC 9112, 3.2). Returns false
 * for an invalid or ambiguous host, because a proxy in front of the gateway may have read a different host name.
 */
export function normalizeRequestTarget(request: IncomingMessage): boolean {
  const { headers, rawHeaders, url = '' } = request
  // Only HTTP/1.0 allows a missing `Host` header. Node checks the header as well, but not in upgrade requests.
  if (
    headers.host === undefined
      ? request.httpVersion !== '1.0'
      : !isValidHost(headers.host) || hasMultipleHosts(rawHeaders)
  ) {
    return false
  }
  if (url.startsWith('/')) return true
  const [, host, path] = ABSOLUTE_FORM.exec(url) ?? []
  // A target in a different form, such as `*` in `OPTIONS *`, stays unchanged and matches no route.
  if (host === undefined || path === undefined) return true
  if (!isValidHost(host)) return false
  request.url = path.startsWith('/') ? path : `/${path}`
  headers.host = host
  return true
}

const isValidHost = (text: string): boolean => !/[@/?#\\]/.test(text) && URL.canParse(`http://${text}`)

/** Node keeps only the first `Host` in `headers`. `rawHeaders` has the names at even indices, each before its value. */
function hasMultipleHosts(rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count > 1
}
