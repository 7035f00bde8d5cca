import { createLoaders, type Loaders } from './loaders/index.ts'
import type { Limits } from './loaders/limits.ts'
import type { AnchorListener } from './loaders/pageReader.ts'
import { type Caller, noCredentials } from './restcomm/caller.ts'
import { createClient } from './restcomm/client.ts'
import { RestcommError } from './restcomm/errors.ts'
import { createHttp, type HttpOptions } from './restcomm/http.ts'
import { Upstream } from './restcomm/upstream.ts'

/** What a request carries to the resolvers. Everything in it is read with the caller's credentials. */
export interface Context {
  readonly loaders: Loaders
  /** The SID of the account whose credentials came with the request. */
  viewerSid(): Promise<string>
}

export interface UpstreamOptions extends HttpOptions {
  readonly dialect: Upstream['dialect']
  /** The largest page that clients may ask for. Rows. */
  readonly maximumSize: number
}

/** Large enough to read a list that is to be sorted in few requests. Rows. */
const LARGE_PAGE = 1_000

/**
 * The Restcomm that all requests share: its connections, and what its answers have shown of it.
 *
 * Connect sets no bound to a page. A window, with its cursor's own row and the one that tells of a next page, fits
 * into a page of less than twice its rows, wherever it begins.
 */
export const createUpstream = (options: UpstreamOptions): Upstream =>
  new Upstream(createHttp(options), options.dialect, Math.max(LARGE_PAGE, 2 * (options.maximumSize + 2)))

export interface ContextOptions {
  readonly upstream: Upstream
  readonly caller: Caller
  readonly limits: Limits
  readonly onAnchor: AnchorListener
}

const ACCOUNT_SID = /^AC[A-Za-z0-9]{32}$/

export const createContext = ({ upstream, caller, limits, onAnchor }: ContextOptions): Context => {
  const client = createClient(upstream, caller)
  const loaders = createLoaders(client, limits, onAnchor)
  const viewerSid = async (): Promise<string> => {
    const { account, authorization } = caller
    if (account === null || authorization === null) {
      throw noCredentials()
    }
    if (ACCOUNT_SID.test(account)) return account
    return upstream.accountSids.of(authorization, async () => {
      const found = await client.account(account)
      if (found === null) throw new RestcommError('unauthenticated', 'Restcomm does not accept these credentials.')
      return found.sid
    })
  }
  let viewer: Promise<string> | undefined
  return {
    loaders,
    viewerSid: () => {
      viewer ??= viewerSid()
      return viewer
    },
  }
}
