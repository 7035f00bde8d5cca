import { type AuditRecord, ConferenceCommands, type MutationEvent } from './commands/conferenceCommands.ts'
import type { EventQueue } from './live/eventQueue.ts'
import type { EventOrError } from './live/events.ts'
import { type EventExecution, MeteredEvents, type RateLimited } from './live/meteredEvents.ts'
import type { WatchRegistry, WatchRequest } from './live/watchRegistry.ts'
import type { ListLimits } from './loaders/conferenceLists.ts'
import { Loaders } from './loaders/loaders.ts'
import { type Action, type ConferenceKey, isAccountSid } from './model.ts'
import { CancellationToken, raceCancellation } from './restcomm/cancellationToken.ts'
import { HttpRestcommClient, type RestcommClient } from './restcomm/client.ts'
import { deadlineExceeded, RestcommError } from './restcomm/errors.ts'
import {
  assertAccountAllowed,
  type Client,
  missingCredentials,
  type OperationLog,
  type Principal,
} from './restcomm/principal.ts'
import type { UpstreamState } from './restcomm/upstreamState.ts'

/** Context of the resolvers. Everything is read with the credentials of the request. */
export type Context = ReturnType<typeof createContext>

/** Shared by all requests. */
interface ContextServices {
  readonly upstream: UpstreamState
  readonly watches: WatchRegistry
  readonly limits: ListLimits
  /** Maximum time for which a mutation waits until Restcomm's data shows the change. */
  readonly settleTimeoutMs: number
  /** Time limit of the execution of an event. */
  readonly eventTimeoutMs: number
  /** Charges the cost to the client, or rejects with `RATE_LIMITED`. Null without a rate limit. */
  readonly chargeCost: ((clientId: string, cost: number) => Promise<unknown>) | null
  readonly publishMutation: (event: MutationEvent) => void
  readonly audit: (record: AuditRecord, client: Client, requestId: string) => void
}

/** A subscription keeps the credentials after its request has ended. */
interface Credentials extends Client, Omit<Principal, 'operation' | 'requestId' | 'cancellation'> {
  readonly actions: readonly Action[]
  /** When the credentials expire, in milliseconds since the epoch; null for never. */
  readonly expiresAt: number | null
}

interface Request {
  readonly requestId: string
  readonly operation: OperationLog & { readonly cost: number | null }
  readonly cancellation: CancellationToken
}

export function createContext(services: ContextServices, credentials: Credentials, request: Request) {
  const { upstream } = services
  const { requestId, operation, cancellation } = request
  /** `startEvent` replaces the token, so each read uses the token of the current event. */
  const principal = { ...credentials, requestId, operation, cancellation }
  const client = new HttpRestcommClient(upstream, principal)
  const loaders = new Loaders(client, services.limits)
  let viewer: Promise<string> | undefined
  let commands: ConferenceCommands | undefined
  return {
    /** Hash that identifies the client. Empty if the request has no valid credentials. */
    clientId: credentials.clientId,
    loaders,
    commands: () => {
      commands ??= new ConferenceCommands(client, loaders, {
        settleTimeoutMs: services.settleTimeoutMs,
        cancellation,
        publish: services.publishMutation,
        actions: credentials.actions,
        audit: record => {
          // With invented credentials, anyone could fill the audit log with actions of a different account.
          const isInvented = record.outcome === 'failed' && !upstream.acceptedCredentials.has(credentials)
          if (!isInvented) services.audit(record, credentials, requestId)
        },
      })
      return commands
    },
    live: () =>
      createLiveStreams(services, credentials, cancellation, {
        charge: () => chargeEvent(services, credentials, operation),
        start: () => {
          const event = new CancellationToken()
          principal.cancellation = event
          return limitTime(event, cancellation, services.eventTimeoutMs)
        },
      }),
    /** Settles like `read`. At the deadline of the current event, rejects, and the read continues. */
    untilEventDeadline: <T>(read: Promise<T>) => raceCancellation(read, principal.cancellation),
    resolveViewerSid: () => {
      viewer ??= resolveViewerSid(upstream, client, credentials)
      return viewer
    },
    /** If the account is forbidden, throws. Fields without an upstream request need the check. */
    assertAccountAllowed: (accountSid: string) => assertAccountAllowed(credentials, accountSid),
  }
}

async function resolveViewerSid(upstream: UpstreamState, client: RestcommClient, credentials: Credentials) {
  const { account, accounts, authorization, credentialHash } = credentials
  if (account === null || authorization === null) throw missingCredentials(credentials)
  // For a client with a list of allowed accounts, the viewer is the first allowed account.
  for (const first of accounts ?? []) return first
  if (isAccountSid(account)) return account
  const knownSid = upstream.ownSids.get(credentialHash)
  if (knownSid !== undefined) return knownSid
  const found = await client.account(account)
  if (found === null) {
    throw new RestcommError(
      'unauthenticated',
      'Restcomm has no account with the user name of the credentials: expected an account SID or e-mail address.',
    )
  }
  upstream.ownSids.set(credentialHash, found.sid)
  return found.sid
}

/** Returns the error of a used up budget, otherwise null. */
async function chargeEvent({ chargeCost }: ContextServices, { clientId }: Credentials, { cost }: Request['operation']) {
  try {
    if (chargeCost !== null) await chargeCost(clientId, cost ?? 0)
    return null
  } catch (error) {
    return error as RateLimited
  }
}

/** Cancels `event` together with `parent`, or after the time. Returns a function that ends both. */
function limitTime(event: CancellationToken, parent: CancellationToken, timeoutMs: number): () => void {
  const onCancel = () => event.cancel(parent.reason)
  event.deadline = performance.now() + timeoutMs
  const timer = setTimeout(() => event.cancel(deadlineExceeded('event', timeoutMs)), timeoutMs)
  parent.add(onCancel)
  return () => {
    clearTimeout(timer)
    parent.delete(onCancel)
  }
}

function createLiveStreams(
  services: ContextServices,
  credentials: Credentials,
  cancellation: CancellationToken,
  execution: EventExecution,
) {
  const { upstream, watches } = services
  const open = async <E>(
    accountSid: string,
    watch: (request: WatchRequest) => Promise<EventQueue<EventOrError<E>>>,
  ): Promise<AsyncIterableIterator<EventOrError<E>>> => {
    const { authorization, credentialHash, isServiceAccount, expiresAt } = credentials
    if (authorization === null) throw missingCredentials(credentials)
    // A client which joins an existing watch sends no upstream request, so the account is checked here.
    assertAccountAllowed(credentials, accountSid)
    const createClient = createWatchClients(upstream, credentials)
    const queue = await watch({ credentialHash, isServiceAccount, cancellation, createClient })
    // The state may have come from another replica, whose poll was answered.
    upstream.acceptedCredentials.accept(credentials)
    if (expiresAt !== null) queue.endAt(expiresAt, credentialsExpired)
    const events = new MeteredEvents(queue, execution)
    // Ends the stream when a client disconnects, because the watch would leak if the client has read no event yet.
    const end = () => void events.return()
    cancellation.add(end)
    return events
  }
  return {
    conference: (key: ConferenceKey) => open(key.accountSid, request => watches.watchConference(request, key)),
    account: (accountSid: string) => open(accountSid, request => watches.watchAccount(request, accountSid)),
  }
}

/** A separate function, because a watch outlives the request: the client must not keep the variables of the request. */
function createWatchClients(upstream: UpstreamState, credentials: Credentials): WatchRequest['createClient'] {
  return cancellation => new HttpRestcommClient(upstream, { ...credentials, cancellation }, 'bypass')
}

function credentialsExpired(): RestcommError {
  return new RestcommError(
    'unauthenticated',
    'The credentials of the subscription have expired: subscribe again with new credentials.',
  )
}
