import type { Conference, ConferenceKey } from '../model.ts'
import { CancellationToken } from '../restcomm/cancellationToken.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { userInputError } from '../userInputError.ts'
import { AccountSource } from './accountSource.ts'
import { ConferenceSource } from './conferenceSource.ts'
import type { LiveStream } from './endStreamAt.ts'
import type { ConferenceEvent } from './events.ts'
import type { PollSource } from './pollSource.ts'
import type { Exchange } from './replication/replicaBus.ts'
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

interface WatchStats {
  readonly watches: number
  readonly subscribers: number
}

interface Entry {
  readonly watch: SharedWatch<unknown, never>
  /** Name of the watched conference or account, without the credentials. */
  readonly resource: string
}

/** Lifetime of the state shared by replicas, as a multiple of the poll interval. Exceeds the longest poll delay. */
const STATE_TTL_INTERVALS = 8
const MIN_STATE_TTL_MS = 30_000

/** All watches of the process. Subscribers with the same credentials share the watch of a conference or account. */
export class WatchRegistry {
  readonly #options: WatchRegistryOptions
  readonly #replicaBus: Exchange | null
  readonly #entries = new Map<string, Entry>()
  readonly #watchesPerCredential = new Map<string, number>()
  #isDraining = false

  constructor(options: WatchRegistryOptions, replicaBus: Exchange | null = null) {
    this.#options = options
    this.#replicaBus = replicaBus
    replicaBus?.onNudge(resources => this.#pollNow(resources))
  }

  watchConference(request: WatchRequest, key: ConferenceKey): Promise<LiveStream<EventOrError<ConferenceEvent>>> {
    const { createClient } = request
    return this.#subscribe(request, conferenceResource(key), cancellation => {
      return new ConferenceSource(() => createClient(cancellation), key)
    })
  }

  watchAccount(request: WatchRequest, accountSid: string): Promise<LiveStream<EventOrError<Conference>>> {
    return this.#subscribe(request, accountSid, cancellation => {
      return new AccountSource(request.createClient(cancellation), accountSid)
    })
  }

  /** Must be called after a change of the conference. The watches of the conference and of the account poll at once. */
  invalidate(key: ConferenceKey): void {
    const resources = [conferenceResource(key), key.accountSid]
    this.#pollNow(resources)
    this.#replicaBus?.nudge(resources)
  }

  #pollNow(resources: readonly string[]): void {
    for (const { watch, resource } of this.#entries.values()) if (resources.includes(resource)) watch.pollNow()
  }

  get stats(): WatchStats {
    const entries = [...this.#entries.values()]
    return { watches: entries.length, subscribers: entries.reduce((sum, { watch }) => sum + watch.subscribers, 0) }
  }

  startDraining(): void {
    this.#isDraining = true
  }

  /** Completes every stream with the error `UNAVAILABLE` and rejects new subscribers. */
  close(): void {
    this.startDraining()
    for (const { watch } of [...this.#entries.values()]) watch.close(shuttingDownError())
  }

  async #subscribe<S, E>(
    request: WatchRequest,
    resource: string,
    createSource: (cancellation: CancellationToken) => PollSource<S, E>,
  ): Promise<LiveStream<EventOrError<E>>> {
    if (this.#isDraining) throw shuttingDownError()
    const { credentialHash } = request
    const name = `${credentialHash} ${resource}`
    const entry = this.#entries.get(name)
    // The cast is safe, because conferences and accounts have different resource names.
    const watch =
      (entry?.watch as SharedWatch<S, E> | undefined) ?? this.#startWatch(name, credentialHash, resource, createSource)
    return watch.subscribe(request.cancellation)
  }

  #startWatch<S, E>(
    name: string,
    credentialHash: string,
    resource: string,
    createSource: (cancellation: CancellationToken) => PollSource<S, E>,
  ): SharedWatch<S, E> {
    this.#assertWithinLimits(credentialHash)
    const replicaBus = this.#replicaBus
    const stateTtlMs = Math.max(MIN_STATE_TTL_MS, STATE_TTL_INTERVALS * this.#options.intervalMs)
    const cancellation = new CancellationToken()
    const watch = new SharedWatch(
      createSource(cancellation),
      cancellation,
      this.#options,
      () => {
        this.#entries.delete(name)
        this.#count(credentialHash, -1)
      },
      replicaBus === null ? null : member => replicaBus.join(name, stateTtlMs, member),
    )
    this.#entries.set(name, { watch: watch as unknown as SharedWatch<unknown, never>, resource })
    this.#count(credentialHash, 1)
    return watch
  }

  #count(credentialHash: string, by: number): void {
    const count = (this.#watchesPerCredential.get(credentialHash) ?? 0) + by
    if (count === 0) this.#watchesPerCredential.delete(credentialHash)
    else this.#watchesPerCredential.set(credentialHash, count)
  }

  #assertWithinLimits(credentialHash: string): void {
    const { maxWatches, maxWatchesPerCredential } = this.#options
    const count = this.#watchesPerCredential.get(credentialHash) ?? 0
    if (count >= maxWatchesPerCredential) {
      throw userInputError(
        'TOO_MANY_WATCHES',
        `These credentials already watch ${count} conferences and accounts, the maximum ` +
          '(a tenth of LIVE_MAX_WATCHES, at least 100): end a subscription first.',
      )
    }
    if (this.#entries.size >= maxWatches) {
      throw userInputError(
        'TOO_MANY_WATCHES',
        `The gateway already watches ${this.#entries.size} conferences and accounts, the maximum ` +
          '(LIVE_MAX_WATCHES): try again later.',
      )
    }
  }
}

function conferenceResource({ accountSid, sid }: ConferenceKey): string {
  return `${accountSid}/${sid}`
}
