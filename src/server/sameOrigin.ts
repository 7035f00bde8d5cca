import type { IncomingMessage } from 'node:http'

/**
 * Whether a page of another origin made this request. Browsers say where a request comes from that changes something
 * or opens a WebSocket; programs say nothing.
 */
export const isFromElsewhere = ({ headers: { origin, host } }: IncomingMessage): boolean => {
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}
