import { endingAt, type LiveStream } from './live/endAt.ts'
import type { ConferenceEvent } from './live/events.ts'
import type { Told } from './live/watch.ts'
import type { Watcher, Watches } from './live/watchRegistry.ts'
import { Loaders } from './loaders/loaders.ts'
import type { Limits } from './loaders/limits.ts'
import type { AnchorListener } from './loaders/pageReader.ts'
import type { Conference, ConferenceKey } from './model.ts'
import { Moderator } from './commands/conferenceCommands.ts'
import { isAccountSid } from './restcomm/cache/accountSidCache.ts'
import { type Caller, noCredentials } from './restcomm/principal.ts'
import type { Cancellation } from './restcomm/cancellation.ts'
import { createClient, type RestcommClient } from './restcomm/client.ts'
import { RestcommError } from './restcomm/errors.ts'
import { checkAccount } from './restcomm/permission.ts'
import type { Upstream } from './restcomm/upstream.ts'
import { UNTRACED } from './tracer.ts'

/** What a request carries to the resolvers. Everything in it is read with the caller's credentials. */
export interface Context {
  readonly loaders: Loaders
  readonly moderator: Moderator
  /** What is watched with the caller's credentials. */
  readonly live: Live
  /** The SID of the account whose credentials came with the request. */
  viewerSid(): Promise<string>
  /** Lets what is read fail once so many milliseconds are over. Call what it returns when all is done. */
  limitTime(milliseconds: number): () => void
  /** Throws where the caller may not see an account. What is read is checked in any case; this is for what is not. */
  checkAccount(accountSid: string): void
}

interface Live {
  conference(key: ConferenceKey): Promise<AsyncIterableIterator<Told<ConferenceEvent>>>
  account(accountSid: string): Promise<AsyncIterableIterator<Told<Conference>>>
}

interface ContextOptions {
  readonly upstream: Upstream
  readonly caller: Omit<Caller, 'cancellation'>
  /** Cancelled when nobody waits for the answer any more. */
  readonly cancellation: Cancellation
  /** When the caller's credentials stop to count, in milliseconds as `Date.now` has them; null where they do not. */
  readonly expiresAt: number | null
  readonly limits: Limits
  readonly onAnchor: AnchorListener
  readonly watches: Watches
  /** How long a mutation waits until Restcomm shows what it did. Milliseconds. */
  readonly settleMs: number
}

export const createContext = (options: ContextOptions): Context => {
  const { upstream, cancellation, limits, onAnchor, watches, settleMs } = options
  const caller: Caller = { ...options.caller, cancellation }
  const client = createClient(upstream, caller)
  const loaders = new Loaders(client, limits, onAnchor, caller.trace)
  let viewer: Promise<string> | undefined
  return {
    loaders,
    moderator: new Moderator(client, loaders, {
      settleMs,
      cancellation,
      onChange: key => {
        upstream.somethingWasDone()
        watches.nudge(key)
      },
    }),
    live: liveFor(watches, upstream, caller, options.expiresAt),
    viewerSid: () => {
      viewer ??= viewerSid(upstream, client, caller)
      return viewer
    },
    checkAccount: accountSid => checkAccount(caller.accounts, accountSid),
    limitTime: milliseconds => {
      const timer = setTimeout(() => cancellation.cancel(outOfTime(milliseconds)), milliseconds)
      return () => clearTimeout(timer)
    },
  }
}

const outOfTime = (milliseconds: number): RestcommError =>
  new RestcommError('outOfTime', `This was not there within ${milliseconds} ms (REQUEST_TIMEOUT_MS).`)

const viewerSid = async (upstream: Upstream, client: RestcommClient, caller: Caller): Promise<string> => {
  const { account, accounts, authorization } = caller
  if (account === null || authorization === null) throw noCredentials(caller)
  // On whose behalf the gateway's own account asks has an account as well: the first that it may see.
  for (const first of accounts ?? []) return first
  if (isAccountSid(account)) return account
  return upstream.accountSids.of(authorization, async () => {
    const found = await client.account(account)
    if (found === null) throw new RestcommError('unauthenticated', 'Restcomm does not accept these credentials.')
    return found.sid
  })
}

const liveFor = (watches: Watches, upstream: Upstream, caller: Caller, expiresAt: number | null): Live => {
  const { credential, cancellation } = caller
  const watcher = (accountSid: string) => {
    if (caller.authorization === null) throw noCredentials(caller)
    // Before a watch is joined that another has begun.
    checkAccount(caller.accounts, accountSid)
    return { credential, cancellation, client: watchClients(upstream, caller) }
  }
  return {
    conference: async key => {
      const stream = await watches.conference(watcher(key.accountSid), key)
      return untilCancelled(untilExpired(stream, expiresAt), cancellation)
    },
    account: async accountSid => {
      const stream = await watches.account(watcher(accountSid), accountSid)
      return untilCancelled(untilExpired(stream, expiresAt), cancellation)
    },
  }
}

/**
 * Makes clients for a watch, which outlives the request that began it: they have neither its id nor its patience, their work
 * is not its own, and it is not held by them.
 */
const watchClients = (upstream: Upstream, caller: Caller): Watcher['client'] => {
  const { account, accounts, authorization, isStandIn, credential } = caller
  const own: Caller = { account, accounts, authorization, isStandIn, credential, trace: UNTRACED }
  return cancellation => createClient(upstream, { ...own, cancellation }, 'present')
}

const expired = (): RestcommError =>
  new RestcommError('unauthenticated', 'The credentials that this subscription was begun with have expired.')

/** What is live ends with the credentials that it was asked for with. */
const untilExpired = <E>(stream: LiveStream<E | Error>, expiresAt: number | null): AsyncIterableIterator<E | Error> =>
  expiresAt === null ? stream : endingAt(stream, expiresAt, expired)

/** A client may go at the moment at which its subscription begins, and then nobody would ever read it, or end it. */
const untilCancelled = <I extends AsyncIterableIterator<unknown>>(stream: I, cancellation?: Cancellation): I => {
  const end = () => void stream.return?.()
  if (cancellation?.isCancelled) end()
  else cancellation?.add(end)
  return stream
}
