import { type Conference, isFinal } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { lasts } from './lasts.ts'
import type { Findings, Subject } from './watch.ts'

/**
 * The conferences of an account that are running. Those that are over are not read again and again: one that is gone
 * from among the running ones is looked up once, to see how it ended. One that begins and ends between two looks is not
 * seen.
 */
export class AccountSubject implements Subject<Conference> {
  readonly #client: RestcommClient
  readonly #accountSid: string
  #running: ReadonlyMap<string, Conference> | null = null

  constructor(client: RestcommClient, accountSid: string) {
    this.#client = client
    this.#accountSid = accountSid
  }

  async poll(): Promise<Findings<Conference>> {
    const rows = (await this.#client.runningConferences(this.#accountSid)).filter(conference => !isFinal(conference))
    const now = new Map(rows.map(conference => [conference.sid, conference]))
    const before = this.#running
    if (before === null) {
      this.#running = now
      return { events: [], isOver: false }
    }
    const changed = rows.filter(({ sid, statusText }) => before.get(sid)?.statusText !== statusText)
    const gone = [...before.values()].filter(({ sid }) => !now.has(sid))
    const ended = await Promise.all(gone.map(conference => this.#client.conference(conference)))
    // Only once everything was read, so that nothing is lost where a part of it fails.
    this.#running = now
    const events = [...changed, ...ended.filter(conference => conference !== null)]
    return { events, isOver: false }
  }

  /** Whoever comes is told what changes from then on. */
  greeting(): readonly Conference[] {
    return []
  }

  resync(): readonly Conference[] {
    return [...(this.#running?.values() ?? [])]
  }

  isLasting(error: unknown): boolean {
    return lasts(error)
  }
}
