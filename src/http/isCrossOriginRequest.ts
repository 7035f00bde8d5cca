import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/**
 * Detects CSRF by `Sec-Fetch-Site` and `Origin`. Otherwise, any web site could run mutations or open a WebSocket
 * from the browser of a user with network access to the gateway. Allows programs, which send neither header, and
 * navigation by GET, whose response the web site cannot read.
 */
export function isCrossOriginRequest(
  { method, headers }: IncomingMessage,
  trustedOrigins: ReadonlySet<string>,
): boolean {
  const { origin, 'sec-fetch-site': fetchSite, 'sec-fetch-mode': fetchMode } = headers
  if (origin !== undefined && trustedOrigins.has(origin)) return false
  if (fetchSite === undefined) return origin !== undefined && !isSameHost(origin, headers)
  if (fetchSite === 'same-origin' || fetchSite === 'none') return false
  return method !== 'GET' || fetchMode !== 'navigate'
}

/** Ignores the scheme, because a proxy may forward HTTPS requests over HTTP. */
function isSameHost(origin: string, { host }: IncomingHttpHeaders): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host: originHost } = new URL(origin)
  const requestUrl = `${protocol}//${host}`
  return URL.canParse(requestUrl) && new URL(requestUrl).host === originHost
}
