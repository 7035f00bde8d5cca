import { type Call, type ConferenceKey, isConferenceOver, isReadable } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { DecodingError } from '../restcomm/errors.ts'
import { hasFields, isConference, participantOf } from '../rowValidation.ts'
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
  /**
   * A row without an identity can be any participant, so the state keeps all known participants missing from the list,
   * until a list has no such row.
   */
  const complete = (known: ConferenceState | null, received: ConferenceState): ConferenceState => {
    const { participants } = received
    if (participants.every(isReadable)) return withActiveCalls(received)
    const listed = new Set(participants.filter(isReadable).map(({ callSid }) => callSid))
    const missing = (known?.participants ?? []).filter(row => isReadable(row) && !listed.has(row.callSid))
    return withActiveCalls({ ...received, participants: [...participants, ...missing] })
  }
  return {
    poll: async previous => {
      const client = createClient()
      const conference = await client.conference(key)
      if (conference === null) {
        throw badUserInput(`Conference ${key.sid} does not exist in account ${key.accountSid}.`)
      }
      const participants = isConferenceOver(conference) ? [] : await client.participants(key)
      return complete(previous, { conference, participants })
    },
    complete,
    diff: diffConferenceStates,
    isFinished: ({ conference }) => isConferenceOver(conference),
    accepts: stateOf(key),
    snapshot: state => ({ __typename: 'ConferenceSnapshot', ...state }),
  }
}

function stateOf(key: ConferenceKey): (state: unknown) => state is ConferenceState {
  const isParticipant = participantOf(key)
  const checks = {
    // The case of letters can differ, see `HttpRestcommClient`.
    conference: (row: unknown) => isConference(row) && idOf(row).toLowerCase() === idOf(key).toLowerCase(),
    participants: (rows: unknown) =>
      Array.isArray(rows) && rows.every(row => row instanceof DecodingError || isParticipant(row)),
  }
  return (state): state is ConferenceState => hasFields<Omit<ConferenceState, 'activeCalls'>>(checks, state)
}

function idOf({ accountSid, sid }: ConferenceKey): string {
  return `${accountSid}/${sid}`
}
