import type { Plugin } from 'graphql-yoga'
import type { Entrance } from './authenticator.ts'

/**
 * What a 401 says of what a request has to bring; null where it says nothing. `has` tells whether the request has a
 * header. A browser would meet a challenge for `Basic` with a dialog of its own, so pages get none.
 */
export const challengeOf = (entrance: Entrance, has: (header: string) => boolean): string | null => {
  if (entrance === 'Bearer') return `Bearer realm="Restcomm"${has('authorization') ? ', error="invalid_token"' : ''}`
  return isFromPage(has) ? null : 'Basic realm="Restcomm", charset="UTF-8"'
}

/** The same for the answers that Yoga writes itself. */
export const challenge = (entrance: Entrance): Plugin => ({
  onResponse: ({ request, response }) => {
    const challenge = response.status === 401 ? challengeOf(entrance, name => request.headers.has(name)) : null
    if (challenge !== null) response.headers.set('www-authenticate', challenge)
  },
})

/** Browsers say where a request of a page is from; only over plain HTTP they do not say it of a GET. Programs say nothing. */
const isFromPage = (has: (header: string) => boolean): boolean => has('origin') || has('sec-fetch-site')
