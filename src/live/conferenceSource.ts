import { type Call, type ConferenceKey, isConferenceOver, isReadable } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { DecodingError } from '../restcomm/errors.ts'
import { hasFields, isConference, isParticipant } from '../rowValidation.ts'
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
    accepts: (state): state is ConferenceState => isStateOf(key, state),
    snapshot: state => ({ __typename: 'ConferenceSnapshot', ...state }),
  }
}

function isStateOf(key: ConferenceKey, state: unknown): boolean {
  const isParticipantOfKey = (row: unknown) =>
    isParticipant(row) && row.conference.accountSid === key.accountSid && row.conference.sid === key.sid
  return hasFields<Omit<ConferenceState, 'activeCalls'>>(
    {
      // The case of letters can differ, see `HttpRestcommClient`.
      conference: row => isConference(row) && idOf(row).toLowerCase() === idOf(key).toLowerCase(),
      participants: rows =>
        Array.isArray(rows) && rows.every(row => row instanceof DecodingError || isParticipantOfKey(row)),
    },
    state,
  )
}

function idOf({ accountSid, sid }: ConferenceKey): string {
  return `${accountSid}/${sid}`
}
