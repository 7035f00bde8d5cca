import type { Conference, ConferenceKey } from '../model.ts'
import { CancellationToken } from '../restcomm/cancellationToken.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { userInputError } from '../userInputError.ts'
import { AccountSource, type AccountState } from './accountSource.ts'
import { ConferenceSource } from './conferenceSource.ts'
import type { EventQueue } from './eventQueue.ts'
import type { ConferenceEvent, ConferenceState } from './events.ts'
import type { PollSource } from './pollSource.ts'
import type { Member, ReplicaExchange } from './replicaExchange.ts'
import { type EventOrError, SharedWatch, shuttingDownError, type WatchOptions } from './sharedWatch.ts'

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

interface Entry<S, E> {
  readonly watch: SharedWatch<S, E>
  readonly credentialHash: string
  /** Name of the watched conference or account, without the credentials. */
  readonly resource: string
}

/** Lifetime of the state shared by replicas, as a multiple of the poll interval. Exceeds the longest poll delay. */
const STATE_TTL_INTERVALS = 8
const MIN_STATE_TTL_MS = 30_000

/** All watches of the process. Subscribers with the same credentials share the watch of a conference or account. */
export class WatchRegistry {
  readonly #options: WatchRegistryOptions
  readonly #replicaExchange: ReplicaExchange | null
  readonly #conferences = new Map<string, Entry<ConferenceState, ConferenceEvent>>()
  readonly #accounts = new Map<string, Entry<AccountState, Conference>>()
  #isDraining = false

  constructor(options: WatchRegistryOptions, replicaExchange: ReplicaExchange | null = null) {
    this.#options = options
    this.#replicaExchange = replicaExchange
    replicaExchange?.onChange(resources => this.#pollNow(resources))
  }

  watchConference(request: WatchRequest, key: ConferenceKey): Promise<EventQueue<EventOrError<ConferenceEvent>>> {
    return this.#subscribe(this.#conferences, request, conferenceResource(key), cancellation => {
      return new ConferenceSource(() => request.createClient(cancellation), key)
    })
  }

  watchAccount(request: WatchRequest, accountSid: string): Promise<EventQueue<EventOrError<Conference>>> {
    return this.#subscribe(this.#accounts, request, accountSid, cancellation => {
      return new AccountSource(request.createClient(cancellation), accountSid)
    })
  }

  /** Must be called after a change of the conference. The watches of the conference and of the account poll at once. */
  invalidate(key: ConferenceKey): void {
    const resources = [conferenceResource(key), key.accountSid]
    this.#pollNow(resources)
    this.#replicaExchange?.publishChange(resources)
  }

  #pollNow(resources: readonly string[]): void {
    for (const { watch, resource } of this.#entries()) if (resources.includes(resource)) watch.pollNow()
  }

  #entries() {
    return [...this.#conferences.values(), ...this.#accounts.values()]
  }

  get stats(): { readonly watches: number; readonly subscribers: number } {
    const entries = this.#entries()
    return { watches: entries.length, subscribers: entries.reduce((sum, { watch }) => sum + watch.subscribers, 0) }
  }

  startDraining(): void {
    this.#isDraining = true
  }

  /** Completes every stream with the error `UNAVAILABLE` and rejects new subscribers. */
  close(): void {
    this.startDraining()
    for (const { watch } of this.#entries()) watch.close(shuttingDownError())
  }

  async #subscribe<S, E>(
    entries: Map<string, Entry<S, E>>,
    { credentialHash, cancellation }: WatchRequest,
    resource: string,
    createSource: (cancellation: CancellationToken) => PollSource<S, E>,
  ): Promise<EventQueue<EventOrError<E>>> {
    if (this.#isDraining) throw shuttingDownError()
    const name = `${credentialHash} ${resource}`
    let watch = entries.get(name)?.watch
    if (watch === undefined) {
      this.#assertWithinLimits(credentialHash)
      watch = this.#createWatch(name, createSource, () => entries.delete(name))
      entries.set(name, { watch, credentialHash, resource })
    }
    return watch.subscribe(cancellation)
  }

  #createWatch<S, E>(
    name: string,
    createSource: (cancellation: CancellationToken) => PollSource<S, E>,
    onClose: () => void,
  ): SharedWatch<S, E> {
    const cancellation = new CancellationToken()
    const exchange = this.#replicaExchange
    const stateTtlMs = Math.max(MIN_STATE_TTL_MS, STATE_TTL_INTERVALS * this.#options.intervalMs)
    const join = exchange === null ? null : (member: Member) => exchange.join(name, stateTtlMs, member)
    return new SharedWatch(createSource(cancellation), cancellation, this.#options, onClose, join)
  }

  #assertWithinLimits(credentialHash: string): void {
    const { maxWatches, maxWatchesPerCredential } = this.#options
    const entries = this.#entries()
    const count = entries.filter(entry => entry.credentialHash === credentialHash).length
    if (count >= maxWatchesPerCredential) {
      throw userInputError(
        'TOO_MANY_WATCHES',
        `These credentials already watch ${count} conferences and accounts, the maximum ` +
          '(a tenth of LIVE_MAX_WATCHES, at least 100): end a subscription first.',
      )
    }
    if (entries.length >= maxWatches) {
      throw userInputError(
        'TOO_MANY_WATCHES',
        `The gateway already watches ${entries.length} conferences and accounts, the maximum ` +
          '(LIVE_MAX_WATCHES): try again later.',
      )
    }
  }
}

function conferenceResource({ accountSid, sid }: ConferenceKey): string {
  return `${accountSid}/${sid}`
}
