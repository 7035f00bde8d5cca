import { type Call, type ConferenceKey, isConferenceOver } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { badUserInput } from '../userInputError.ts'
import { diffConferenceStates } from './diffConferenceStates.ts'
import type { ConferenceEvent, ConferenceState } from './events.ts'
import type { PollSource } from './pollSource.ts'

/** Reads the state of a conference with the credentials of the subscribers. */
export class ConferenceSource implements PollSource<ConferenceState, ConferenceEvent> {
  readonly startsWithSnapshot = true
  readonly #createClient: () => RestcommClient
  readonly #key: ConferenceKey

  /** Each poll creates a new client, so that no client data stays in memory between polls. */
  constructor(createClient: () => RestcommClient, key: ConferenceKey) {
    this.#createClient = createClient
    this.#key = key
  }

  async poll(): Promise<ConferenceState> {
    const client = this.#createClient()
    const conference = await client.conference(this.#key)
    if (conference === null) {
      const { sid, accountSid } = this.#key
      throw badUserInput(`Conference ${sid} does not exist in account ${accountSid}.`)
    }
    const participants = isConferenceOver(conference) ? [] : await client.participants(this.#key)
    return this.complete(null, { conference, participants })
  }

  complete(_known: ConferenceState | null, received: ConferenceState): ConferenceState {
    let calls: Promise<readonly Call[]> | undefined
    const activeCalls = () => {
      calls ??= this.#createClient().activeCalls(this.#key)
      return calls
    }
    return { ...received, activeCalls }
  }

  diff(before: ConferenceState, after: ConferenceState): readonly ConferenceEvent[] {
    return diffConferenceStates(before, after)
  }

  isFinished({ conference }: ConferenceState): boolean {
    return isConferenceOver(conference)
  }

  snapshotEvents(state: ConferenceState): readonly ConferenceEvent[] {
    return [{ __typename: 'ConferenceSnapshot', ...state }]
  }
}
