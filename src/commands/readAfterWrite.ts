import type { Loaders } from '../loaders/loaders.ts'
import type { Call, Conference, ConferenceKey, Participant } from '../model.ts'
import type { Cancellation } from '../restcomm/cancellation.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { AT_ONCE, eachBounded } from './mapConcurrent.ts'
import { callKeyOf } from './keys.ts'
import { attempted, settled } from './pollUntil.ts'

export interface AftermathOptions {
  /** How long a change is waited for until Restcomm shows it. Milliseconds. */
  readonly settleMs: number
  /** Cancelled when nobody waits for the answer any more. */
  readonly cancellation: Cancellation
  /** Told of each conference that something was done to: when it was done, and when it shows. */
  readonly onChange: (conference: ConferenceKey) => void
}

/**
 * What Restcomm shows after something was done, as soon as it shows that or the time is up. It is null, or lacks what it
 * is about, where Restcomm does not say: what was done is done.
 */
export class Aftermath {
  readonly #client: RestcommClient
  readonly #loaders: Loaders
  readonly #options: AftermathOptions

  constructor(client: RestcommClient, loaders: Loaders, options: AftermathOptions) {
    this.#client = client
    this.#loaders = loaders
    this.#options = options
  }

  /** Something has been done: what was read before counts no more. */
  begin(key: ConferenceKey): void {
    this.#loaders.forget()
    this.#options.onChange(key)
  }

  /** To be called where it turns out to have been done when nobody waits for it any more. */
  late(key: ConferenceKey): () => void {
    return () => this.#options.onChange(key)
  }

  /** Who is in the conference now, by the SIDs of their calls. */
  async present(
    key: ConferenceKey,
    shows: (participants: ReadonlyMap<string, Participant>) => boolean,
  ): Promise<ReadonlyMap<string, Participant> | null> {
    const present = await this.#settled(() => this.#read(key), shows)
    this.#options.onChange(key)
    return present
  }

  /** Who is in the conference at this moment, without waiting for anything. */
  presentAtOnce(key: ConferenceKey): Promise<ReadonlyMap<string, Participant> | null> {
    return attempted(() => this.#read(key))
  }

  /** The call of one, whatever else its conference shows. */
  async call(target: Participant, shows: (call: Call | null) => boolean): Promise<Call | null> {
    const call = await this.#settled(() => this.#client.call(callKeyOf(target)), shows)
    this.#options.onChange(target.conference)
    return call
  }

  /**
   * The calls that were hung up, once all of them are over: from the room's legs, and singly what those lack. Null for one
   * that does not exist any more; what could not be read is not there.
   */
  async ended(key: ConferenceKey, targets: readonly Participant[]): Promise<ReadonlyMap<string, Call | null>> {
    const legs = this.#client.callsOf(key)
    const read = async () => {
      const { rows } = await legs.readPage({ page: 0, size: legs.maximumPageSize })
      const calls = new Map<string, Call | null>(rows.map(call => [call.sid, call]))
      const missing = targets.filter(({ callSid }) => !calls.has(callSid))
      await eachBounded(missing, AT_ONCE, async target => {
        const found = await attempted(async () => ({ call: await this.#client.call(callKeyOf(target)) }))
        if (found !== null) calls.set(target.callSid, found.call)
      })
      return calls
    }
    const areOver = (calls: ReadonlyMap<string, Call | null>) =>
      targets.every(({ callSid }) => calls.has(callSid) && calls.get(callSid)?.status !== 'IN_PROGRESS')
    if (targets.length === 0) return new Map()
    const calls = await this.#settled(read, areOver)
    this.#options.onChange(key)
    return calls ?? new Map()
  }

  /** The conference itself, which nothing is waited for to show. */
  conference(key: ConferenceKey): Promise<Conference | null> {
    this.#loaders.forget()
    return attempted(() => this.#loaders.conference.load(key))
  }

  #settled<T>(look: () => Promise<T>, shows: (seen: T) => boolean): Promise<T | null> {
    return settled(this.#options.settleMs, look, shows, this.#options.cancellation)
  }

  async #read(key: ConferenceKey): Promise<ReadonlyMap<string, Participant>> {
    this.#loaders.forget()
    return new Map((await this.#loaders.participants.load(key)).map(participant => [participant.callSid, participant]))
  }
}
