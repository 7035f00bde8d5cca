import { type Call, type ConferenceKey, isConferenceOver } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { DecodingError } from '../restcomm/errors.ts'
import { badUserInput } from '../userInputError.ts'
import { diffConferenceStates } from './diffConferenceStates.ts'
import type { ConferenceEvent, ConferenceState } from './events.ts'
import type { PollSource } from './pollSource.ts'

/**
 * Creates a source with the state of a conference. Each poll creates a new client, so that no client data stays in memory
 * between polls.
 */
export function createConferenceSource(
  createClient: () => RestcommClient,
  key: ConferenceKey,
): PollSource<ConferenceState, ConferenceEvent> {
  const withActiveCalls = (state: ConferenceState): ConferenceState => {
    let calls: Promise<readonly Call[]> | undefined
    const activeCalls = () => {
      calls ??= createClient().activeCalls(key)
      return calls
    }
    return { ...state, activeCalls }
  }
  return {
    poll: async () => {
      const client = createClient()
      const conference = await client.conference(key)
      if (conference === null) {
        throw badUserInput(`Conference ${key.sid} does not exist in account ${key.accountSid}.`)
      }
      const rows = isConferenceOver(conference) ? [] : await client.participants(key)
      // A row without an identity can be any participant, so the poll cannot tell which participants have left.
      const participants = rows.map(row => {
        if (row instanceof DecodingError) throw row
        return row
      })
      return withActiveCalls({ conference, participants })
    },
    complete: (_known, received) => withActiveCalls(received),
    diff: diffConferenceStates,
    isFinished: ({ conference }) => isConferenceOver(conference),
    snapshot: state => ({ __typename: 'ConferenceSnapshot', ...state }),
  }
}
