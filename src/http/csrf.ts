import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/**
 * Whether a page of another origin made this request, and may not: it could change something, or open a WebSocket, with
 * what the gateway grants to whoever reaches it. Browsers say where a request comes from; programs say nothing.
 *
 * Following a link is no harm: its answer is for the person, and nothing is changed by a GET. `trusted` are exact
 * origins.
 */
export const isFromElsewhere = ({ method, headers }: IncomingMessage, trusted: ReadonlySet<string>): boolean => {
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  if (origin !== undefined && trusted.has(origin)) return false
  if (site === undefined) return origin !== undefined && !isOwn(origin, headers)
  if (site === 'same-origin' || site === 'none') return false
  return method !== 'GET' || mode !== 'navigate'
}

/** By host alone: a gateway behind a proxy does not know whether its clients speak TLS. */
const isOwn = (origin: string, { host }: IncomingHttpHeaders): boolean => {
  if (!URL.canParse(origin)) return false
  const { protocol, host: theirs } = new URL(origin)
  const own = `${protocol}//${host}`
  return URL.canParse(own) && new URL(own).host === theirs
}
