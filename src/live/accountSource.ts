import { type Conference, isFinal } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { isConference } from '../modelGuards.ts'
import { isMissing, lasts } from './permanentErrors.ts'
import type { Completed, Subject } from './pollSource.ts'

/** The conferences of an account that are not over, and the last of those that have ended since they were seen. */
interface AccountState {
  readonly running: readonly Conference[]
  /** How they ended, the last one last. Whoever missed a look finds here what it would have been told. */
  readonly ended: readonly Conference[]
}

/** How many conferences that have ended are told on with each state. */
const ENDED = 100

/**
 * The conferences of an account that are running. Those that are over are not read again and again: one that is gone
 * from among the running ones is looked up once, to see how it ended. One that begins and ends between two looks is not
 * seen.
 */
export class AccountSubject implements Subject<AccountState, Conference> {
  readonly #client: RestcommClient
  readonly #accountSid: string

  constructor(client: RestcommClient, accountSid: string) {
    this.#client = client
    this.#accountSid = accountSid
  }

  async look(before: AccountState | null): Promise<AccountState> {
    const now = new Map<string, Conference>()
    // A conference that changed its status between two parts of the list may be in both.
    for (const conference of await this.#client.runningConferences(this.#accountSid))
      now.set(conference.sid, conference)
    const gone = (before?.running ?? []).filter(({ sid }) => !now.has(sid))
    for (const conference of await Promise.all(gone.map(known => this.#lookUp(known)))) {
      now.set(conference.sid, conference)
    }
    const were = new Set(before?.running.map(({ sid }) => sid))
    const seen = [...now.values()]
    const ended = seen.filter(conference => isFinal(conference) && were.has(conference.sid))
    return {
      running: seen.filter(conference => !isFinal(conference)),
      ended: [...(before?.ended ?? []), ...ended].slice(-ENDED),
    }
  }

  /**
   * Where it is not over, it is in a status that the list does not ask for: to be watched until it is. So is one that the
   * server does not know for a moment, since a conference does not go away.
   */
  async #lookUp(known: Conference): Promise<Conference> {
    return (await this.#client.conference(known)) ?? known
  }

  difference(before: AccountState, after: AccountState): readonly Conference[] {
    const were = new Map(before.running.map(({ sid, statusText }) => [sid, statusText]))
    const changed = after.running.filter(({ sid, statusText }) => were.get(sid) !== statusText)
    return [...changed, ...after.ended.filter(({ sid }) => were.has(sid))]
  }

  /**
   * A replica that began to look later than others does not know what was running before, and so not that it has ended:
   * without a word of its end it would run for ever for whoever was told of its beginning.
   */
  complete(known: AccountState, heard: AccountState): Promise<Completed<AccountState>> | null {
    const told = new Set([...heard.running, ...heard.ended].map(({ sid }) => sid))
    const missing = known.running.filter(({ sid }) => !told.has(sid))
    return missing.length === 0 ? null : this.#lookUpMissing(heard, missing)
  }

  async #lookUpMissing(heard: AccountState, missing: readonly Conference[]): Promise<Completed<AccountState>> {
    let isWhole = true
    const lookUp = (known: Conference) =>
      this.#lookUp(known).catch(() => {
        isWhole = false
        return known
      })
    const found = await Promise.all(missing.map(lookUp))
    const state = {
      running: [...heard.running, ...found.filter(conference => !isFinal(conference))],
      ended: [...heard.ended, ...found.filter(isFinal)].slice(-ENDED),
    }
    return { state, isWhole }
  }

  isOver(): boolean {
    return false
  }

  /** Whoever comes is told what changes from then on. */
  greeting(): readonly Conference[] {
    return []
  }

  /** With those that have ended, as nothing else would say so to whoever was told that they run. */
  resync({ running, ended }: AccountState): readonly Conference[] {
    return [...ended, ...running]
  }

  isLasting(error: unknown, state: AccountState | null): boolean {
    // Nor does an account go away while its conferences are watched.
    return lasts(error) && (state === null || !isMissing(error))
  }

  revive(value: unknown): AccountState | null {
    const { running, ended } = (value ?? {}) as { readonly running?: unknown; readonly ended?: unknown }
    const areConferences = (rows: unknown): rows is Conference[] => Array.isArray(rows) && rows.every(isConference)
    return areConferences(running) && areConferences(ended) ? { running, ended } : null
  }
}
