import { ConferenceCommands, type MutationEvent } from './commands/conferenceCommands.ts'
import { endStreamAt, type LiveStream } from './live/endStreamAt.ts'
import type { ConferenceEvent } from './live/events.ts'
import type { EventOrError } from './live/sharedWatch.ts'
import type { WatchRegistry, WatchRequest } from './live/watchRegistry.ts'
import type { ListLimits } from './loaders/conferenceLists.ts'
import { Loaders } from './loaders/loaders.ts'
import { type Conference, type ConferenceKey, isAccountSid } from './model.ts'
import { assertAccountAllowed } from './restcomm/accountPermission.ts'
import type { CancellationToken } from './restcomm/cancellationToken.ts'
import { createRestcommClient, type RestcommClient } from './restcomm/client.ts'
import { RestcommError } from './restcomm/errors.ts'
import { missingCredentials, type Principal } from './restcomm/principal.ts'
import type { UpstreamState } from './restcomm/upstreamState.ts'

/** Context of the resolvers. Everything is read with the credentials of the request. */
export interface Context {
  readonly loaders: Loaders
  readonly commands: ConferenceCommands
  readonly live: LiveStreams
  resolveViewerSid(): Promise<string>
  /** Cancels the request after `timeoutMs`. The returned function stops the timer and must be called at the end. */
  startDeadline(timeoutMs: number): () => void
  /** If the account is forbidden, throws. Fields without an upstream request need the check. */
  assertAccountAllowed(accountSid: string): void
}

interface LiveStreams {
  conference(key: ConferenceKey): Promise<AsyncIterableIterator<EventOrError<ConferenceEvent>>>
  account(accountSid: string): Promise<AsyncIterableIterator<EventOrError<Conference>>>
}

interface ContextOptions {
  readonly upstream: UpstreamState
  readonly principal: Omit<Principal, 'cancellation'>
  readonly cancellation: CancellationToken
  /** When the credentials expire, in milliseconds since the epoch; null for never. */
  readonly expiresAt: number | null
  readonly limits: ListLimits
  readonly watches: WatchRegistry
  /** Maximum time for which a mutation waits until Restcomm's data shows the change. */
  readonly settleTimeoutMs: number
  readonly publishMutation: (event: MutationEvent) => void
}

export function createContext(options: ContextOptions): Context {
  const { upstream, cancellation, limits, watches, settleTimeoutMs } = options
  const principal: Principal = { ...options.principal, cancellation }
  const client = createRestcommClient(upstream, principal)
  const loaders = new Loaders(client, limits)
  let viewer: Promise<string> | undefined
  return {
    loaders,
    commands: new ConferenceCommands(client, loaders, {
      settleTimeoutMs,
      cancellation,
      publish: options.publishMutation,
    }),
    live: createLiveStreams(watches, upstream, principal, options.expiresAt),
    resolveViewerSid: () => {
      viewer ??= resolveViewerSid(upstream, client, principal)
      return viewer
    },
    assertAccountAllowed: accountSid => assertAccountAllowed(principal.accounts, accountSid),
    startDeadline: timeoutMs => {
      const timer = setTimeout(() => cancellation.cancel(deadlineExceeded(timeoutMs)), timeoutMs)
      return () => clearTimeout(timer)
    },
  }
}

function deadlineExceeded(timeoutMs: number): RestcommError {
  return new RestcommError('deadlineExceeded', `The request timed out after ${timeoutMs} ms (REQUEST_TIMEOUT_MS).`)
}

async function resolveViewerSid(
  upstream: UpstreamState,
  client: RestcommClient,
  principal: Principal,
): Promise<string> {
  const { account, accounts, authorization } = principal
  if (account === null || authorization === null) throw missingCredentials(principal)
  // For a client with a list of allowed accounts, the viewer is the first allowed account.
  for (const first of accounts ?? []) return first
  if (isAccountSid(account)) return account
  return upstream.accountSidCache.resolve(authorization, async () => {
    const found = await client.account(account)
    if (found === null)
      throw new RestcommError(
        'unauthenticated',
        'Restcomm has no account with the user name of the credentials: expected an account SID or e-mail address.',
      )
    return found.sid
  })
}

function createLiveStreams(
  watches: WatchRegistry,
  upstream: UpstreamState,
  principal: Principal,
  expiresAt: number | null,
): LiveStreams {
  const { credentialHash, cancellation } = principal
  const createWatchRequest = (accountSid: string) => {
    if (principal.authorization === null) throw missingCredentials(principal)
    // A client which joins an existing watch sends no upstream request, so the account is checked here.
    assertAccountAllowed(principal.accounts, accountSid)
    return { credentialHash, cancellation, createClient: createWatchClients(upstream, principal) }
  }
  return {
    conference: async key => {
      const stream = await watches.watchConference(createWatchRequest(key.accountSid), key)
      return endOnCancel(endAtExpiry(stream, expiresAt), cancellation)
    },
    account: async accountSid => {
      const stream = await watches.watchAccount(createWatchRequest(accountSid), accountSid)
      return endOnCancel(endAtExpiry(stream, expiresAt), cancellation)
    },
  }
}

/** A watch outlives the request. Copies only the credentials, so that the request can be freed. */
function createWatchClients(upstream: UpstreamState, principal: Principal): WatchRequest['createClient'] {
  const { account, accounts, authorization, isServiceAccount, credentialHash } = principal
  const detached: Principal = {
    account,
    accounts,
    authorization,
    isServiceAccount,
    credentialHash,
  }
  return cancellation => createRestcommClient(upstream, { ...detached, cancellation }, 'bypass')
}

function credentialsExpired(): RestcommError {
  return new RestcommError(
    'unauthenticated',
    'The credentials of the subscription have expired: subscribe again with new credentials.',
  )
}

function endAtExpiry<E>(stream: LiveStream<E | Error>, expiresAt: number | null): AsyncIterableIterator<E | Error> {
  return expiresAt === null ? stream : endStreamAt(stream, expiresAt, credentialsExpired)
}

/** Ends the stream when a client disconnects, because the watch would leak if the client has read no event yet. */
function endOnCancel<I extends AsyncIterableIterator<unknown>>(stream: I, cancellation?: CancellationToken): I {
  const end = () => void stream.return?.()
  if (cancellation?.isCancelled) end()
  else cancellation?.add(end)
  return stream
}
