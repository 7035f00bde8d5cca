import type { Conference, ConferenceKey } from '../model.ts'
import { callerError } from '../userInputError.ts'
import { Cancellation } from '../restcomm/cancellation.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { AccountSubject } from './accountSource.ts'
import { ConferenceSubject } from './conferenceSource.ts'
import type { LiveStream } from './endAt.ts'
import type { ConferenceEvent } from './events.ts'
import type { Exchange } from './replication/replicaBus.ts'
import type { Subject } from './pollSource.ts'
import { stopping, type Told, Watch, type WatchOptions } from './watch.ts'

export interface WatchesOptions extends WatchOptions {
  /** How many things may be watched at the same time: by all, and with the same credentials. */
  readonly maximumWatches: number
  readonly maximumWatchesPerCredential: number
}

/** Who watches. */
export interface Watcher {
  /** The same for the same credentials, and only for these; not the credentials themselves. */
  readonly credential: string
  /** Cancelled when it does not wait for the watch to begin any more. */
  readonly cancellation?: Cancellation | undefined
  /** Makes a client that outlives the request, and has the patience that is given; the function holds nothing of it. */
  readonly client: (cancellation: Cancellation) => RestcommClient
}

/** What is counted of the watches, for whoever operates them. */
interface WatchFigures {
  readonly watches: number
  readonly subscribers: number
}

interface Entry {
  readonly watch: Watch<unknown, never>
  /** The conference or account that is watched, whoever watches it. */
  readonly subject: string
}

/** What is known of a watch is kept for so many intervals, so that it outlives the slowest look. */
const INTERVALS_KEPT = 8
/** Milliseconds. */
const LEAST_KEPT = 30_000

/** All that is watched: each thing once for the same credentials, however many subscribers it has. */
export class Watches {
  readonly #options: WatchesOptions
  readonly #exchange: Exchange | null
  readonly #entries = new Map<string, Entry>()
  /** How many of them each credential has. */
  readonly #counts = new Map<string, number>()
  #isRetired = false

  /** `exchange` is where the other replicas are; null where there are none. */
  constructor(options: WatchesOptions, exchange: Exchange | null = null) {
    this.#options = options
    this.#exchange = exchange
    exchange?.onNudge(subjects => this.#nudge(subjects))
  }

  conference(watcher: Watcher, key: ConferenceKey): Promise<LiveStream<Told<ConferenceEvent>>> {
    const { client } = watcher
    return this.#subscribe(watcher, conferenceSubject(key), cancellation => {
      return new ConferenceSubject(() => client(cancellation), key)
    })
  }

  account(watcher: Watcher, accountSid: string): Promise<LiveStream<Told<Conference>>> {
    return this.#subscribe(watcher, accountSid, cancellation => {
      return new AccountSubject(watcher.client(cancellation), accountSid)
    })
  }

  /** Something has just been done to a conference through this gateway: all who watch it look at once, in any replica. */
  nudge(key: ConferenceKey): void {
    const subjects = [conferenceSubject(key), key.accountSid]
    this.#nudge(subjects)
    this.#exchange?.nudge(subjects)
  }

  #nudge(subjects: readonly string[]): void {
    for (const { watch, subject } of this.#entries.values()) if (subjects.includes(subject)) watch.nudge()
  }

  get figures(): WatchFigures {
    const entries = [...this.#entries.values()]
    return { watches: entries.length, subscribers: entries.reduce((sum, { watch }) => sum + watch.subscribers, 0) }
  }

  /** Takes no more subscribers. */
  retire(): void {
    this.#isRetired = true
  }

  /** Tells every subscriber why, and completes every stream. Takes no more subscribers. */
  close(): void {
    this.retire()
    for (const { watch } of [...this.#entries.values()]) watch.end(stopping())
  }

  async #subscribe<S, E>(
    watcher: Watcher,
    subject: string,
    create: (cancellation: Cancellation) => Subject<S, E>,
  ): Promise<LiveStream<Told<E>>> {
    if (this.#isRetired) throw stopping()
    const name = `${watcher.credential} ${subject}`
    const entry = this.#entries.get(name)
    // A name is that of one kind of subject only, so what is found under it is of this kind.
    const watch = (entry?.watch as Watch<S, E> | undefined) ?? this.#begin(name, watcher.credential, subject, create)
    return watch.subscribe(watcher.cancellation)
  }

  #begin<S, E>(
    name: string,
    credential: string,
    subject: string,
    create: (cancellation: Cancellation) => Subject<S, E>,
  ): Watch<S, E> {
    this.#checkLimits(credential)
    const exchange = this.#exchange
    const keepMs = Math.max(LEAST_KEPT, INTERVALS_KEPT * this.#options.intervalMs)
    const cancellation = new Cancellation()
    const watch = new Watch(
      create(cancellation),
      cancellation,
      this.#options,
      () => {
        this.#entries.delete(name)
        this.#count(credential, -1)
      },
      exchange === null ? null : member => exchange.join(name, keepMs, member),
    )
    this.#entries.set(name, { watch: watch as unknown as Watch<unknown, never>, subject })
    this.#count(credential, 1)
    return watch
  }

  #count(credential: string, by: number): void {
    const count = (this.#counts.get(credential) ?? 0) + by
    if (count === 0) this.#counts.delete(credential)
    else this.#counts.set(credential, count)
  }

  #checkLimits(credential: string): void {
    const { maximumWatches, maximumWatchesPerCredential } = this.#options
    const own = this.#counts.get(credential) ?? 0
    if (own >= maximumWatchesPerCredential) {
      throw callerError(
        'TOO_MANY_WATCHES',
        `These credentials watch ${own} conferences or accounts already (LIVE_MAX_WATCHES_PER_CREDENTIAL).`,
      )
    }
    if (this.#entries.size >= maximumWatches) {
      throw callerError(
        'TOO_MANY_WATCHES',
        'Too much is being watched at this moment (LIVE_MAX_WATCHES); try again later.',
      )
    }
  }
}

const conferenceSubject = ({ accountSid, sid }: ConferenceKey): string => `${accountSid}/${sid}`
