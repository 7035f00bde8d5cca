import type { IncomingMessage } from 'node:http'

/** What an answer says, at any door, where `settleTarget` finds that a request must be refused. */
export const BAD_HOST = {
  code: 'BAD_REQUEST',
  message: 'The request must name one valid host, in one `Host` header.',
} as const

/** A target that is a whole address: its host, and its path with what follows. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i

/**
 * Makes a request's `url` a path, whatever the form of its target, and its `headers.host` the host that was asked
 * (RFC 9112, 3.2). False where it must be refused: a proxy in front may have gone by another host than is seen here.
 */
export const settleTarget = (request: IncomingMessage): boolean => {
  const { headers, rawHeaders, url = '' } = request
  // Node refuses what has none, unless it asks to become a WebSocket.
  if (headers.host === undefined ? request.httpVersion !== '1.0' : !isHost(headers.host) || hasSecondHost(rawHeaders)) {
    return false
  }
  if (url.startsWith('/')) return true
  const [, host, path] = ABSOLUTE.exec(url) ?? []
  // What is no address of HTTP is nothing that is here.
  if (host === undefined || path === undefined) return true
  if (!isHost(host)) return false
  request.url = path.startsWith('/') ? path : `/${path}`
  headers.host = host
  return true
}

/** A host alone, and maybe a port. */
const isHost = (text: string): boolean => !/[@/?#\\]/.test(text) && URL.canParse(`http://${text}`)

/** Node's `headers` have the first of them only. Names and values in turn. */
const hasSecondHost = (rawHeaders: readonly string[]): boolean => {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count > 1
}
