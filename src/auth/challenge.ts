import type { AuthMode } from './authenticator.ts'

/**
 * Returns the `WWW-Authenticate` header of a 401 response. Returns null instead of `Basic` for a browser, because
 * `Basic` would open a login dialog.
 */
export function challengeFor(authMode: AuthMode, hasHeader: (header: string) => boolean): string | null {
  if (authMode === 'bearer')
    return `Bearer realm="Restcomm"${hasHeader('authorization') ? ', error="invalid_token"' : ''}`
  return isBrowserRequest(hasHeader) ? null : 'Basic realm="Restcomm", charset="UTF-8"'
}

/** Browsers send `Origin` or `Sec-Fetch-Site`, except with a GET over plain HTTP. */
function isBrowserRequest(hasHeader: (header: string) => boolean): boolean {
  return hasHeader('origin') || hasHeader('sec-fetch-site')
}
