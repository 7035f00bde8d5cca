import { type Caller, CallerShares, type CallerSharesOptions, type Refusal, Slot } from '../callerShares.ts'
import type { ConferenceKey } from '../model.ts'
import type { CancellationToken } from '../restcomm/cancellationToken.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { RecentCallers } from '../restcomm/recentCallers.ts'
import { userInputError } from '../userInputError.ts'
import { createAccountSource } from './accountSource.ts'
import { createConferenceSource } from './conferenceSource.ts'
import type { EventQueue } from './eventQueue.ts'
import type { AccountEvent, ConferenceEvent, EventOrError } from './events.ts'
import type { PollSource } from './pollSource.ts'
import type { Member, ReplicaExchange } from './replicaExchange.ts'
import { SharedWatch, type WatchObserver, type WatchOptions } from './sharedWatch.ts'

export interface WatchRegistryOptions extends WatchOptions {
  /** Called for each new watch of a conference (`account/conference`) or an account. */
  readonly observe?: (resource: string) => WatchObserver
  readonly maxWatches: number
  readonly maxWatchesPerCredential: number
  /** Maximum for all credentials that Restcomm has not accepted yet, in addition to `maxWatches`. */
  readonly maxUnverifiedWatches: number
}

export interface WatchRequest extends Omit<Caller, 'clientId'> {
  /** Cancelled if the client disconnects. `subscribe` then stops waiting for the first poll. */
  readonly cancellation?: CancellationToken | undefined
  /** Creates a client for the watch. Must not retain the GraphQL request, because the watch can last longer. */
  readonly createClient: (cancellation: CancellationToken) => RestcommClient
}

/** Lifetime of the state shared by replicas, as a multiple of the poll interval. Exceeds the longest poll delay. */
const STATE_TTL_INTERVALS = 8
const MIN_STATE_TTL_MS = 30_000

/** All watches of the process. Subscribers with the same credentials share the watch of a conference or account. */
export class WatchRegistry {
  readonly #options: WatchRegistryOptions
  readonly #replicaExchange: ReplicaExchange | null
  /** By the hash of the credentials and the conference or account, separated by a space. Neither contains a space. */
  readonly #watches = new Map<string, SharedWatch<unknown, unknown>>()
  /** Clients with the same credentials share watches, so the shares count by credentials. */
  readonly #shares: CallerShares
  #isDraining = false

  constructor(
    options: WatchRegistryOptions,
    isVerified: CallerSharesOptions['isVerified'],
    replicaExchange: ReplicaExchange | null = null,
  ) {
    this.#options = options
    this.#shares = new CallerShares({
      max: options.maxWatches,
      maxUnverified: options.maxUnverifiedWatches,
      maxPerCaller: options.maxWatchesPerCredential,
      isVerified,
      recentCallers: new RecentCallers(),
    })
    this.#replicaExchange = replicaExchange
    replicaExchange?.on('change', resources => this.#pollNow(resources))
  }

  watchConference(request: WatchRequest, key: ConferenceKey): Promise<EventQueue<EventOrError<ConferenceEvent>>> {
    return this.#subscribe(request, conferenceResource(key), cancellation =>
      createConferenceSource(() => request.createClient(cancellation), key),
    )
  }

  watchAccount(request: WatchRequest, accountSid: string): Promise<EventQueue<EventOrError<AccountEvent>>> {
    return this.#subscribe(request, accountSid, cancellation =>
      createAccountSource(() => request.createClient(cancellation), accountSid),
    )
  }

  /** Must be called after a change of the conference. The watches of the conference and of the account poll at once. */
  invalidate(key: ConferenceKey): void {
    const resources = [conferenceResource(key), key.accountSid]
    this.#pollNow(resources)
    this.#replicaExchange?.publishChange(resources)
  }

  #pollNow(resources: readonly string[]): void {
    for (const [name, watch] of this.#watches) {
      if (resources.some(resource => name.endsWith(` ${resource}`))) watch.pollNow()
    }
  }

  get stats(): { readonly watches: number; readonly subscribers: number } {
    const watches = [...this.#watches.values()]
    return { watches: watches.length, subscribers: watches.reduce((sum, { subscribers }) => sum + subscribers, 0) }
  }

  startDraining(): void {
    this.#isDraining = true
  }

  /** Completes every stream with the error `UNAVAILABLE` and rejects new subscribers. */
  close(): void {
    this.startDraining()
    for (const watch of this.#watches.values()) watch.close(shuttingDownError())
  }

  async #subscribe<S, E>(
    { credentialHash, isServiceAccount, cancellation }: WatchRequest,
    resource: string,
    createSource: (cancellation: CancellationToken) => PollSource<S, E>,
  ): Promise<EventQueue<EventOrError<E>>> {
    if (this.#isDraining) throw shuttingDownError()
    const name = `${credentialHash} ${resource}`
    // The cast is safe: the name of a conference contains a slash, and the SID of an account does not.
    let watch = this.#watches.get(name) as SharedWatch<S, E> | undefined
    if (watch === undefined) {
      const caller = { clientId: credentialHash, credentialHash, isServiceAccount }
      const slot = this.#acquireSlot(caller, { cancel: reason => watch?.close(reason) })
      const exchange = this.#replicaExchange
      const stateTtlMs = Math.max(MIN_STATE_TTL_MS, STATE_TTL_INTERVALS * this.#options.intervalMs)
      const join = exchange === null ? null : (member: Member) => exchange.join(name, stateTtlMs, member)
      const onClose = () => {
        slot.release()
        this.#watches.delete(name)
      }
      const observer = this.#options.observe?.(resource) ?? null
      watch = new SharedWatch(createSource, this.#options, onClose, join, observer)
      this.#watches.set(name, watch)
    }
    return watch.subscribe(cancellation)
  }

  #acquireSlot(caller: Caller, holder: Slot['holder']): Slot {
    const slot = this.#shares.acquire(caller, holder)
    if (slot instanceof Slot) return slot
    throw tooManyWatches(slot, this.#shares.countOf(caller), this.#watches.size)
  }
}

function conferenceResource({ accountSid, sid }: ConferenceKey): string {
  return `${accountSid}/${sid}`
}

function tooManyWatches(refusal: Refusal, ofCredentials: number, total: number): Error {
  const message =
    refusal === 'full'
      ? `The gateway already watches ${total} conferences and accounts, the maximum (LIVE_MAX_WATCHES): try again later.`
      : `These credentials already watch ${ofCredentials} conferences and accounts, their share of LIVE_MAX_WATCHES: end a subscription first.`
  return userInputError('TOO_MANY_WATCHES', message)
}

function shuttingDownError(): Error {
  return userInputError('UNAVAILABLE', 'The gateway is shutting down: connect again.')
}
