import { type ConferenceKey, isFinal } from '../model.ts'
import { callerError } from '../relay/callerError.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { difference } from './difference.ts'
import type { ConferenceEvent, Snapshot } from './events.ts'
import { isMissing, lasts } from './lasts.ts'
import type { Findings, Subject } from './watch.ts'

/** One conference and who is in it, each time read anew with the credentials of whoever watches. */
export class ConferenceSubject implements Subject<ConferenceEvent> {
  readonly #client: RestcommClient
  readonly #key: ConferenceKey
  #last: Snapshot | null = null

  constructor(client: RestcommClient, key: ConferenceKey) {
    this.#client = client
    this.#key = key
  }

  async poll(): Promise<Findings<ConferenceEvent>> {
    const conference = await this.#client.conference(this.#key)
    if (conference === null) throw callerError('BAD_USER_INPUT', 'There is no such conference.')
    const isOver = isFinal(conference)
    const participants = isOver ? [] : await this.#client.participants(this.#key)
    const now = { conference, participants, liveCalls: once(() => this.#client.liveCallsOf(this.#key)) }
    const before = this.#last
    this.#last = now
    return { events: before === null ? [] : difference(before, now), isOver }
  }

  greeting(): readonly ConferenceEvent[] {
    return this.#last === null ? [] : [{ __typename: 'ConferenceSnapshot', ...this.#last }]
  }

  resync(): readonly ConferenceEvent[] {
    return this.greeting()
  }

  isLasting(error: unknown): boolean {
    // A conference does not go away: one that was there and is not is a server that is being restarted.
    return lasts(error) && (this.#last === null || !isMissing(error))
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
