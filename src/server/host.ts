import type { IncomingMessage } from 'node:http'

/** What an answer to such a request says, at any door. */
export const BAD_HOST = {
  code: 'BAD_REQUEST',
  message: 'The request must have one `Host`, and a host in it.',
} as const

/**
 * Whether a request must be refused for its `Host` (RFC 9112, 3.2): a proxy in front may have gone by another than is
 * seen here. Node itself refuses those of HTTP/1.1 that have none.
 */
export const hasBadHost = ({ headers: { host }, rawHeaders }: IncomingMessage): boolean =>
  host !== undefined && (!isHost(host) || hasSecondHost(rawHeaders))

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
