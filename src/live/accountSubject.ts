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
    const now = new Map<string, Conference>()
    // A conference that changed its status between two parts of the list may be in both.
    for (const conference of await this.#client.runningConferences(this.#accountSid))
      now.set(conference.sid, conference)
    const before = this.#running
    const gone = [...(before?.values() ?? [])].filter(({ sid }) => !now.has(sid))
    const lookedUp = await Promise.all(gone.map(conference => this.#client.conference(conference)))
    const ended: Conference[] = []
    for (const conference of lookedUp) {
      if (conference === null) continue
      // Not over, but in a status that the list does not ask for: to be watched until it is over.
      if (isFinal(conference)) ended.push(conference)
      else now.set(conference.sid, conference)
    }
    for (const [sid, conference] of now) if (isFinal(conference)) now.delete(sid)
    // Only once everything was read, so that nothing is lost where a part of it fails.
    this.#running = now
    if (before === null) return { events: [], isOver: false }
    const changed = [...now.values()].filter(({ sid, statusText }) => before.get(sid)?.statusText !== statusText)
    return { events: [...changed, ...ended], isOver: false }
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
