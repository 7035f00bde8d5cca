import type { Loaders } from '../loaders/loaders.ts'
import type { Call, Conference, ConferenceKey, Participant } from '../model.ts'
import type { CancellationToken } from '../restcomm/cancellationToken.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { COMMAND_CONCURRENCY, mapConcurrent } from './mapConcurrent.ts'
import { participantCallKey } from './participantCallKey.ts'
import { pollUntil, readOrNull } from './pollUntil.ts'

export interface ReadAfterWriteOptions {
  /** Maximum time for repeated reads; 0 reads once. */
  readonly settleTimeoutMs: number
  /** Cancelled when the client disconnects or the request times out. */
  readonly cancellation: CancellationToken
  /** Called after each command, and again after the final read. */
  readonly onChange: (conference: ConferenceKey) => void
}

/**
 * Reads the state after a command, because Restcomm's response shows the state before the change. Reads are repeated
 * until Restcomm shows the change. A failed read gives null or omits the row instead of an error, because the command
 * is already executed.
 */
export class ReadAfterWrite {
  readonly #client: RestcommClient
  readonly #loaders: Loaders
  readonly #options: ReadAfterWriteOptions

  constructor(client: RestcommClient, loaders: Loaders, options: ReadAfterWriteOptions) {
    this.#client = client
    this.#loaders = loaders
    this.#options = options
  }

  /** Must be called after each command. Discards cached rows and reports the change. */
  markChanged(key: ConferenceKey): void {
    this.#loaders.clear()
    this.#options.onChange(key)
  }

  /** Must be passed with each command. If the command ends after a cancellation of the request, reports the change. */
  lateChangeListener(key: ConferenceKey): () => void {
    return () => this.#options.onChange(key)
  }

  /** Repeats reads until `isReached` returns true or the timeout expires. Returns null if all reads failed. */
  async waitForParticipants(
    key: ConferenceKey,
    isReached: (participants: ReadonlyMap<string, Participant>) => boolean,
  ): Promise<ReadonlyMap<string, Participant> | null> {
    const participants = await this.#pollUntil(() => this.#readParticipants(key), isReached)
    this.#options.onChange(key)
    return participants
  }

  participantsNow(key: ConferenceKey): Promise<ReadonlyMap<string, Participant> | null> {
    return readOrNull(() => this.#readParticipants(key))
  }

  async waitForCall(target: Participant, isReached: (call: Call | null) => boolean): Promise<Call | null> {
    const call = await this.#pollUntil(() => this.#client.call(participantCallKey(target)), isReached)
    this.#options.onChange(target.conference)
    return call
  }

  /**
   * Repeats reads until all calls have ended or the timeout expires. Returns the calls by SID. A deleted call is null.
   * If the read of a call fails, the call has no entry.
   */
  async waitForCallsEnded(
    key: ConferenceKey,
    targets: readonly Participant[],
  ): Promise<ReadonlyMap<string, Call | null>> {
    const conferenceCalls = this.#client.conferenceCalls(key)
    const read = async () => {
      const { rows } = await conferenceCalls.readPage({ page: 0, size: conferenceCalls.maxPageSize })
      const calls = new Map<string, Call | null>(rows.map(call => [call.sid, call]))
      const missing = targets.filter(({ callSid }) => !calls.has(callSid))
      await mapConcurrent(missing, COMMAND_CONCURRENCY, async target => {
        const found = await readOrNull(async () => ({ call: await this.#client.call(participantCallKey(target)) }))
        if (found !== null) calls.set(target.callSid, found.call)
      })
      return calls
    }
    const haveEnded = (calls: ReadonlyMap<string, Call | null>) =>
      targets.every(({ callSid }) => calls.has(callSid) && calls.get(callSid)?.status !== 'IN_PROGRESS')
    if (targets.length === 0) return new Map()
    const calls = await this.#pollUntil(read, haveEnded)
    this.#options.onChange(key)
    return calls ?? new Map()
  }

  conferenceNow(key: ConferenceKey): Promise<Conference | null> {
    this.#loaders.clear()
    return readOrNull(() => this.#loaders.conference.load(key))
  }

  #pollUntil<T>(read: () => Promise<T>, isReached: (result: T) => boolean): Promise<T | null> {
    return pollUntil(this.#options.settleTimeoutMs, read, isReached, this.#options.cancellation)
  }

  async #readParticipants(key: ConferenceKey): Promise<ReadonlyMap<string, Participant>> {
    this.#loaders.clear()
    return new Map((await this.#loaders.participants.load(key)).map(participant => [participant.callSid, participant]))
  }
}
