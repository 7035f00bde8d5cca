import { type Conference, isConferenceOver } from '../model.ts'
import { isConference } from '../modelGuards.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { isNotFound, isPermanent } from './permanentErrors.ts'
import type { FilledState, PollSource } from './pollSource.ts'

interface AccountState {
  readonly running: readonly Conference[]
  /** Recently ended conferences, oldest first. Replicas receive the list, because a replica can miss a state. */
  readonly ended: readonly Conference[]
}

const MAX_ENDED_CONFERENCES = 100

/**
 * Watches the conferences of an account. Each poll lists the running conferences. If a known conference is missing from
 * the list, the poll reads the conference. A conference shorter than the poll interval may be missed.
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
    // The map removes duplicates, because a conference can be in the lists of two statuses if the status changes.
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
   * Reads a conference missing from the lists of running conferences. If the status is unknown, the conference stays in
   * `running` and is read again at every poll. Keeps the known row on "not found", because Restcomm never deletes
   * conferences and has probably restarted.
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

  /** Includes ended conferences, because the dropped events may have included the end of a conference. */
  snapshotEvents({ running, ended }: AccountState): readonly Conference[] {
    return [...ended, ...running]
  }

  isPermanentError(error: unknown, state: AccountState | null): boolean {
    // If a poll has succeeded before, "not found" means a restart of Restcomm. Polling goes on.
    return isPermanent(error) && (state === null || !isNotFound(error))
  }

  parse(value: unknown): AccountState | null {
    const { running, ended } = (value ?? {}) as { readonly running?: unknown; readonly ended?: unknown }
    const areConferences = (rows: unknown): rows is Conference[] => Array.isArray(rows) && rows.every(isConference)
    return areConferences(running) && areConferences(ended) ? { running, ended } : null
  }
}
