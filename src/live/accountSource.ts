import { type Conference, isConferenceOver } from '../model.ts'
import { isConference } from '../modelGuards.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { isNotFound, isPermanent } from './permanentErrors.ts'
import type { FilledState, PollSource } from './pollSource.ts'

interface AccountState {
  readonly running: readonly Conference[]
  /** Recently ended conferences, oldest first: a replica that missed a poll finds the missed events here. */
  readonly ended: readonly Conference[]
}

const MAX_ENDED_CONFERENCES = 100

/**
 * Running conferences of an account. Ended conferences are not polled: a conference missing from the list of running
 * conferences is read once, for its final status. A conference shorter than the poll interval may be missed.
 */
export class AccountSource implements PollSource<AccountState, Conference> {
  readonly #client: RestcommClient
  readonly #accountSid: string

  constructor(client: RestcommClient, accountSid: string) {
    this.#client = client
    this.#accountSid = accountSid
  }

  async poll(previous: AccountState | null): Promise<AccountState> {
    const current = new Map<string, Conference>()
    // The map removes duplicates: a conference that changes status while the lists are read can be in two lists.
    for (const conference of await this.#client.runningConferences(this.#accountSid)) {
      current.set(conference.sid, conference)
    }
    const missing = (previous?.running ?? []).filter(({ sid }) => !current.has(sid))
    for (const conference of await Promise.all(missing.map(known => this.#readOrKeep(known)))) {
      current.set(conference.sid, conference)
    }
    const previousSids = new Set(previous?.running.map(({ sid }) => sid))
    const conferences = [...current.values()]
    const ended = conferences.filter(conference => isConferenceOver(conference) && previousSids.has(conference.sid))
    return {
      running: conferences.filter(conference => !isConferenceOver(conference)),
      ended: [...(previous?.ended ?? []), ...ended].slice(-MAX_ENDED_CONFERENCES),
    }
  }

  /**
   * Reads a conference missing from the polled lists. If the status belongs to none of the lists, the conference stays
   * in `running` and is read again after every poll. Keeps the known row on "not found": Restcomm never deletes
   * conferences, so the server has restarted.
   */
  async #readOrKeep(known: Conference): Promise<Conference> {
    return (await this.#client.conference(known)) ?? known
  }

  diff(before: AccountState, after: AccountState): readonly Conference[] {
    const statusBefore = new Map(before.running.map(({ sid, statusText }) => [sid, statusText]))
    const changed = after.running.filter(({ sid, statusText }) => statusBefore.get(sid) !== statusText)
    return [...changed, ...after.ended.filter(({ sid }) => statusBefore.has(sid))]
  }

  /**
   * The replica that sent the state may have started polling after a conference ended, so the received state lacks the
   * conference. Reads the conference, because subscribers would otherwise consider the conference as running forever.
   */
  fillGaps(known: AccountState, received: AccountState): Promise<FilledState<AccountState>> | null {
    const receivedSids = new Set([...received.running, ...received.ended].map(({ sid }) => sid))
    const missing = known.running.filter(({ sid }) => !receivedSids.has(sid))
    return missing.length === 0 ? null : this.#readMissing(received, missing)
  }

  async #readMissing(received: AccountState, missing: readonly Conference[]): Promise<FilledState<AccountState>> {
    let isComplete = true
    const readOrKeep = (known: Conference) =>
      this.#readOrKeep(known).catch(() => {
        isComplete = false
        return known
      })
    const found = await Promise.all(missing.map(readOrKeep))
    const state = {
      running: [...received.running, ...found.filter(conference => !isConferenceOver(conference))],
      ended: [...received.ended, ...found.filter(isConferenceOver)].slice(-MAX_ENDED_CONFERENCES),
    }
    return { state, isComplete }
  }

  isFinished(): boolean {
    return false
  }

  /** New subscribers receive later changes only. */
  initialEvents(): readonly Conference[] {
    return []
  }

  /** Includes ended conferences, because the dropped backlog may have contained their end. */
  snapshotEvents({ running, ended }: AccountState): readonly Conference[] {
    return [...ended, ...running]
  }

  isPermanentError(error: unknown, state: AccountState | null): boolean {
    // After a successful poll, "not found" means a server restart rather than a deleted account.
    return isPermanent(error) && (state === null || !isNotFound(error))
  }

  parse(value: unknown): AccountState | null {
    const { running, ended } = (value ?? {}) as { readonly running?: unknown; readonly ended?: unknown }
    const areConferences = (rows: unknown): rows is Conference[] => Array.isArray(rows) && rows.every(isConference)
    return areConferences(running) && areConferences(ended) ? { running, ended } : null
  }
}
