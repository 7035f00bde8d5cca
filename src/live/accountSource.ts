import { type Conference, isConferenceOver, isReadable, isSameValue } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { DecodingError, uniqueRows } from '../restcomm/errors.ts'
import { isConference } from '../rowValidation.ts'
import type { AccountEvent } from './events.ts'
import type { PollSource } from './pollSource.ts'

/** The running conferences, the conferences that ended since the previous state, and rows without a valid identity. */
export type AccountState = readonly (Conference | DecodingError)[]

/**
 * Creates a source with the conferences of an account. Each poll lists the running conferences. If a known conference is
 * missing from the list, the poll reads the conference. A conference shorter than the poll interval may be missed.
 * Each poll creates a new client, so that a refused request of a poll does not refuse requests of later polls.
 */
export function createAccountSource(
  createClient: () => RestcommClient,
  accountSid: string,
): PollSource<AccountState, AccountEvent> {
  /**
   * Reads the running conferences missing from `received`: they have ended, and a replica may have missed the state with
   * the ends. If a conference cannot be read, the known row stays in the state and is read again for the next state.
   * Restcomm never deletes conferences, so "not found" means a restart of Restcomm. A conference whose row has no valid
   * identity has ended, unless the list contains such a row.
   */
  const complete = async (
    known: AccountState | null,
    received: AccountState,
    client = createClient(),
  ): Promise<AccountState> => {
    const receivedSids = new Set(received.filter(isReadable).map(({ sid }) => sid))
    const missing = runningIn(known ?? []).filter(({ sid }) => !receivedSids.has(sid))
    const read = async (row: Conference) => {
      try {
        return (await client.conference(row)) ?? row
      } catch (error) {
        return error instanceof DecodingError && received.every(isReadable) ? null : row
      }
    }
    const rows = await Promise.all(missing.map(read))
    return [...rows.filter(row => row !== null), ...received]
  }
  return {
    poll: async previous => {
      const client = createClient()
      const listed = await client.runningConferences(accountSid)
      // A conference can be in the lists of two statuses if the status changes.
      const unique = uniqueRows(listed, ({ sid }) => sid)
      return complete(previous, unique, client)
    },
    complete: (known, received) => complete(known, received),
    diff: (before, after) => {
      const known = new Map(runningIn(before).map(conference => [conference.sid, conference]))
      const rows = after.filter(isReadable)
      const lost = new Map(known)
      for (const { sid } of rows) lost.delete(sid)
      const changes = rows.flatMap((conference): AccountEvent[] => {
        const previous = known.get(conference.sid)
        if (isConferenceOver(conference)) return previous ? [{ __typename: 'ConferenceEnded', conference }] : []
        if (previous === undefined) return [{ __typename: 'ConferenceStarted', conference }]
        if (isSameValue(previous.statusText, conference.statusText)) return []
        return [{ __typename: 'ConferenceChanged', conference, previousStatus: previous.status }]
      })
      return [...changes, ...Array.from(lost.values(), endedUnreadably)]
    },
    isFinished: () => false,
    accepts: (state): state is AccountState =>
      Array.isArray(state) && state.every(row => row instanceof DecodingError || isConferenceOf(accountSid, row)),
    snapshot: state => ({
      __typename: 'AccountSnapshot',
      runningConferences: state.filter(row => !isReadable(row) || !isConferenceOver(row)),
    }),
  }
}

/** The end of a conference whose final row has no valid identity. */
function endedUnreadably(known: Conference): AccountEvent {
  const error = new DecodingError('Restcomm returned an ended conference without a valid SID or account SID.')
  const conference = { ...known, status: error, statusText: error, dateUpdated: error }
  return { __typename: 'ConferenceEnded', conference }
}

/** The case of letters can differ, as in some databases of Restcomm. */
function isConferenceOf(accountSid: string, row: unknown): boolean {
  return isConference(row) && row.accountSid.toLowerCase() === accountSid.toLowerCase()
}

function runningIn(state: AccountState): readonly Conference[] {
  return state.filter(isReadable).filter(conference => !isConferenceOver(conference))
}
