import { demoCredentials, type Sandbox } from '../../src/sandbox/index.ts'
import { type State, Timeline } from './verdict.ts'

const CHANGE_INTERVAL_MS = 200
const CONFERENCES = 3
const PARTICIPANTS = 8
/** Every fifth change, once a second, starts or ends a short conference of the account. */
const SHORT_CONFERENCE_STEP = 5
/**
 * Number of short conferences which run at the same time. With a start and an end in turn, each lives for 64 s, longer
 * than each permitted gap. Replicas may miss a conference which starts and ends within a gap.
 */
const SHORT_CONFERENCES = 32

const ACCOUNT_SID = demoCredentials.accountSid
const ENDED_STATUSES: readonly string[] = ['COMPLETED', 'FAILED']

type Rows = Sandbox['rows']

/** Changes three conferences and the list of conferences of the demo account, and records all states. */
export class Changes {
  readonly conferences: readonly ChangingConference[]
  readonly account: ChangingAccount
  #step = 0
  #timer: NodeJS.Timeout | undefined

  constructor({ rows }: Sandbox) {
    this.conferences = Array.from({ length: CONFERENCES }, () => new ChangingConference(rows))
    this.account = new ChangingAccount(rows)
  }

  start(): void {
    this.#timer = setInterval(() => this.#change(), CHANGE_INTERVAL_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #change(): void {
    this.#step++
    if (this.#step % SHORT_CONFERENCE_STEP === 0) this.account.change()
    else this.conferences[this.#step % CONFERENCES]?.change()
  }
}

/** A conference with participants who join, leave, are muted and are put on hold. */
export class ChangingConference {
  readonly sid: string
  readonly timeline = new Timeline()
  readonly #rows: Rows
  /** Calls of the participants, oldest first. */
  readonly #callSids: string[] = []
  #step = 0

  constructor(rows: Rows) {
    this.#rows = rows
    this.sid = rows.addConference({ account_sid: ACCOUNT_SID }).sid
    for (let i = 0; i < PARTICIPANTS; i++) this.#join()
    this.#record()
  }

  get state(): State {
    const calls = this.#callSids.flatMap(sid => this.#rows.call(sid) ?? [])
    return new Map([
      ['status', this.#rows.conference(this.sid)?.status ?? ''],
      ...calls.map(({ sid, muted, on_hold }) => [sid, participantValue({ muted, hold: on_hold })] as const),
    ])
  }

  /** Every second change adds or removes a participant, so that no state occurs twice. */
  change(): void {
    const step = this.#step++
    if (step % 4 === 0) this.#join()
    else if (step % 4 === 2) this.#rows.finishCall(this.#callSids.shift() ?? '')
    else this.#toggleFlag(step)
    this.#record()
  }

  #join(): void {
    this.#callSids.push(this.#rows.addCall({ account_sid: ACCOUNT_SID, conference_sid: this.sid }).sid)
  }

  #toggleFlag(step: number): void {
    const call = this.#rows.call(this.#callSids[step % this.#callSids.length] ?? '')
    if (call === undefined) throw new Error(`Conference ${this.sid} has no participants.`)
    const change = step % 8 < 4 ? { muted: call.muted !== true } : { on_hold: call.on_hold !== true }
    this.#rows.updateCall(call.sid, change)
  }

  #record(): void {
    this.timeline.record(performance.now(), this.state)
  }
}

/** Value of a participant in a state. */
export function participantValue(flags: { readonly muted: boolean | null; readonly hold: boolean | null }): string {
  return `${flags.muted ? 'muted' : 'unmuted'} ${flags.hold ? 'on hold' : 'active'}`
}

/** Running conferences of the account. Short conferences start and end. */
export class ChangingAccount {
  readonly timeline = new Timeline()
  readonly #rows: Rows
  /** Oldest first. */
  readonly #shortSids: string[] = []

  constructor(rows: Rows) {
    this.#rows = rows
    for (let i = 0; i < SHORT_CONFERENCES; i++) this.#startConference()
    this.#record()
  }

  get state(): State {
    const running = this.#rows.conferencesOf(ACCOUNT_SID).filter(({ status }) => !ENDED_STATUSES.includes(status))
    return new Map(running.map(({ sid, status }) => [sid, status]))
  }

  change(): void {
    if (this.#shortSids.length < SHORT_CONFERENCES) this.#startConference()
    else this.#rows.updateConference(this.#shortSids.shift() ?? '', { status: 'COMPLETED' })
    this.#record()
  }

  #startConference(): void {
    this.#shortSids.push(this.#rows.addConference({ account_sid: ACCOUNT_SID }).sid)
  }

  #record(): void {
    this.timeline.record(performance.now(), this.state)
  }
}
