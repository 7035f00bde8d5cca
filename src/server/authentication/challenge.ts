import type { Plugin } from 'graphql-yoga'
import type { Entrance } from './authenticator.ts'

/**
 * Says with a 401 what a request has to bring. A browser would meet a challenge for `Basic` with a dialog of its own, so
 * pages get none.
 */
export const challenge = (entrance: Entrance): Plugin => ({
  onResponse: ({ request, response }) => {
    if (response.status !== 401) return
    if (entrance === 'Bearer') response.headers.set('www-authenticate', bearer(request.headers.has('authorization')))
    else if (!isFromPage(request)) response.headers.set('www-authenticate', 'Basic realm="Restcomm", charset="UTF-8"')
  },
})

const bearer = (isRefused: boolean): string => `Bearer realm="Restcomm"${isRefused ? ', error="invalid_token"' : ''}`

/** Browsers say where a request of a page is from; only over plain HTTP they do not say it of a GET. Programs say nothing. */
const isFromPage = ({ headers }: Request): boolean => headers.has('origin') || headers.has('sec-fetch-site')
