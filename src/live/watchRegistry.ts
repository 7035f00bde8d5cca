import type { ConferenceKey } from '../model.ts'
import type { CancellationToken } from '../restcomm/cancellationToken.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { userInputError } from '../userInputError.ts'
import { createAccountSource } from './accountSource.ts'
import { createConferenceSource } from './conferenceSource.ts'
import type { EventQueue } from './eventQueue.ts'
import type { AccountEvent, ConferenceEvent, EventOrError } from './events.ts'
import type { PollSource } from './pollSource.ts'
import type { Member, ReplicaExchange } from './replicaExchange.ts'
import { SharedWatch, type WatchOptions } from './sharedWatch.ts'

export interface WatchRegistryOptions extends WatchOptions {
  readonly maxWatches: number
  readonly maxWatchesPerCredential: number
}

export interface WatchRequest {
  readonly credentialHash: string
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
  #isDraining = false

  constructor(options: WatchRegistryOptions, replicaExchange: ReplicaExchange | null = null) {
    this.#options = options
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
    { credentialHash, cancellation }: WatchRequest,
    resource: string,
    createSource: (cancellation: CancellationToken) => PollSource<S, E>,
  ): Promise<EventQueue<EventOrError<E>>> {
    if (this.#isDraining) throw shuttingDownError()
    const name = `${credentialHash} ${resource}`
    // The cast is safe: the name of a conference contains a slash, and the SID of an account does not.
    let watch = this.#watches.get(name) as SharedWatch<S, E> | undefined
    if (watch === undefined) {
      this.#assertWithinLimits(credentialHash)
      const exchange = this.#replicaExchange
      const stateTtlMs = Math.max(MIN_STATE_TTL_MS, STATE_TTL_INTERVALS * this.#options.intervalMs)
      const join = exchange === null ? null : (member: Member) => exchange.join(name, stateTtlMs, member)
      watch = new SharedWatch(createSource, this.#options, () => this.#watches.delete(name), join)
      this.#watches.set(name, watch)
    }
    return watch.subscribe(cancellation)
  }

  #assertWithinLimits(credentialHash: string): void {
    const { maxWatches, maxWatchesPerCredential } = this.#options
    const count = [...this.#watches.keys()].filter(name => name.startsWith(`${credentialHash} `)).length
    if (count >= maxWatchesPerCredential) {
      const maximum = 'a tenth of LIVE_MAX_WATCHES, at least 100'
      throw tooManyWatches(`These credentials already watch ${count}`, maximum, 'end a subscription first')
    }
    if (this.#watches.size >= maxWatches) {
      throw tooManyWatches(`The gateway already watches ${this.#watches.size}`, 'LIVE_MAX_WATCHES', 'try again later')
    }
  }
}

function conferenceResource({ accountSid, sid }: ConferenceKey): string {
  return `${accountSid}/${sid}`
}

function tooManyWatches(usage: string, maximum: string, advice: string): Error {
  const message = `${usage} conferences and accounts, the maximum (${maximum}): ${advice}.`
  return userInputError('TOO_MANY_WATCHES', message)
}

function shuttingDownError(): Error {
  return userInputError('UNAVAILABLE', 'The gateway is shutting down: connect again.')
}
