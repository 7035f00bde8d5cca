import { type ConferenceKey, isFinal } from '../model.ts'
import { callerError } from '../userInputError.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { isConference, isParticipant } from '../modelGuards.ts'
import { difference } from './diff.ts'
import type { ConferenceEvent, Snapshot } from './events.ts'
import { isMissing, lasts } from './permanentErrors.ts'
import type { Subject } from './pollSource.ts'

/** One conference and who is in it, each time read anew with the credentials of whoever watches. */
export class ConferenceSubject implements Subject<Snapshot, ConferenceEvent> {
  readonly #client: () => RestcommClient
  readonly #key: ConferenceKey

  /** `client` is asked for with each look: between two of them none is held. */
  constructor(client: () => RestcommClient, key: ConferenceKey) {
    this.#client = client
    this.#key = key
  }

  async look(): Promise<Snapshot> {
    const client = this.#client()
    const conference = await client.conference(this.#key)
    if (conference === null) throw callerError('BAD_USER_INPUT', 'There is no such conference.')
    const participants = isFinal(conference) ? [] : await client.participants(this.#key)
    return this.#withCalls({ conference, participants })
  }

  difference(before: Snapshot, after: Snapshot): readonly ConferenceEvent[] {
    return difference(before, after)
  }

  isOver({ conference }: Snapshot): boolean {
    return isFinal(conference)
  }

  greeting(state: Snapshot): readonly ConferenceEvent[] {
    return [{ __typename: 'ConferenceSnapshot', ...state }]
  }

  resync(state: Snapshot): readonly ConferenceEvent[] {
    return this.greeting(state)
  }

  isLasting(error: unknown, state: Snapshot | null): boolean {
    // A conference does not go away: one that was there and is not is a server that is being restarted.
    return lasts(error) && (state === null || !isMissing(error))
  }

  revive(value: unknown): Snapshot | null {
    const { conference, participants } = (value ?? {}) as {
      readonly conference?: unknown
      readonly participants?: unknown
    }
    if (!isConference(conference) || conference.sid !== this.#key.sid) return null
    if (conference.accountSid !== this.#key.accountSid || !Array.isArray(participants)) return null
    return participants.every(isParticipant) ? this.#withCalls({ conference, participants }) : null
  }

  #withCalls(snapshot: Snapshot): Snapshot {
    return { ...snapshot, liveCalls: once(() => this.#client().liveCallsOf(this.#key)) }
  }
}

/** The same answer for all who ask of one moment. */
const once = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= read()
    return answer
  }
}
