import { type Conference, isConferenceOver } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { PollSource } from './pollSource.ts'

export interface AccountState {
  readonly running: readonly Conference[]
  /** Recently ended conferences, oldest first. Replicas receive the list, because a replica can miss a state. */
  readonly ended: readonly Conference[]
}

const MAX_ENDED_CONFERENCES = 100

/**
 * Creates a source with the conferences of an account. Each poll lists the running conferences. If a known conference is
 * missing from the list, the poll reads the conference. A conference shorter than the poll interval may be missed.
 */
export function createAccountSource(client: RestcommClient, accountSid: string): PollSource<AccountState, Conference> {
  /**
   * Reads the conferences missing from `received`: the conferences have ended, unknown to the replica that polled. If a
   * conference cannot be read, the known row stays in `running` and is read again for the next state. Restcomm never
   * deletes conferences, so "not found" means a restart of Restcomm.
   */
  const complete = async (known: AccountState | null, received: AccountState): Promise<AccountState> => {
    if (known === null) return received
    const receivedSids = new Set([...received.running, ...received.ended].map(({ sid }) => sid))
    const missing = known.running.filter(({ sid }) => !receivedSids.has(sid))
    const read = async (row: Conference) => (await client.conference(row).catch(() => null)) ?? row
    const rows = await Promise.all(missing.map(read))
    return {
      running: [...received.running, ...rows.filter(row => !isConferenceOver(row))],
      ended: [...received.ended, ...rows.filter(isConferenceOver)].slice(-MAX_ENDED_CONFERENCES),
    }
  }
  return {
    startsWithSnapshot: false,
    poll: async previous => {
      const listed = await client.runningConferences(accountSid)
      // A conference can be in the lists of two statuses if the status changes.
      const unique = new Map(listed.map(conference => [conference.sid, conference]))
      const running = [...unique.values()].filter(conference => !isConferenceOver(conference))
      return complete(previous, { running, ended: previous?.ended ?? [] })
    },
    complete,
    diff: (before, after) => {
      const statusBefore = new Map(before.running.map(({ sid, statusText }) => [sid, statusText]))
      const changed = after.running.filter(({ sid, statusText }) => statusBefore.get(sid) !== statusText)
      return [...changed, ...after.ended.filter(({ sid }) => statusBefore.has(sid))]
    },
    isFinished: () => false,
    // Includes ended conferences, because the dropped events may have included the end of a conference.
    snapshotEvents: ({ running, ended }) => [...ended, ...running],
  }
}
