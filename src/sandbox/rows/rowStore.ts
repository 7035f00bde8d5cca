import type { NewAccount, NewCall, NewConference, NewRecording } from './newRows.ts'
import { newAccount, newCall, newConference, newRecording } from './newRows.ts'
import { bySid, newestFirst, oldestFirst } from './rowOrders.ts'
import type { AccountRow, CallRow, ConferenceRow, OrganizationRow, RecordingRow, Rows } from './rows.ts'
import { GroupedRows } from './sortedRows.ts'
import { momentOf, timestamp } from './timestamp.ts'

const copied = <Row extends { sid: string }>(rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map(row => [row.sid, { ...row }]))

const known = <Row>(rows: Map<string, Row>, sid: string): Row => {
  const row = rows.get(sid)
  if (row === undefined) throw new Error(`The sandbox has no row ${sid}.`)
  return row
}

/**
 * The rows, living: whatever is added, changed or removed shows in the next answer. It copies what it is given, and
 * keeps every list in order, so that a page costs the same in a list of five rows and of 100,000. `update…` stamps
 * `date_updated` unless the change names it; a SID that is not there throws.
 */
export class RowStore {
  readonly now: () => Date
  readonly #organizations: Map<string, OrganizationRow>
  readonly #accounts: Map<string, AccountRow>
  readonly #conferences: Map<string, ConferenceRow>
  readonly #calls: Map<string, CallRow>
  readonly #recordings: Map<string, RecordingRow>
  readonly #conferencesOf: GroupedRows<ConferenceRow>
  readonly #callIndexes: readonly GroupedRows<CallRow>[]
  readonly #callsIn: GroupedRows<CallRow>
  readonly #oldestCallsOf: GroupedRows<CallRow>
  readonly #newestCallsOf: GroupedRows<CallRow>
  readonly #recordingsOf: GroupedRows<RecordingRow>
  #added = 0

  constructor(rows: Rows, now: () => Date = () => new Date()) {
    this.now = now
    this.#organizations = copied(rows.organizations)
    this.#accounts = copied(rows.accounts)
    this.#conferences = copied(rows.conferences)
    this.#calls = copied(rows.calls)
    this.#recordings = copied(rows.recordings ?? [])
    const calls = [...this.#calls.values()]
    this.#conferencesOf = new GroupedRows(row => row.account_sid, bySid, this.#conferences.values())
    this.#callsIn = new GroupedRows(row => row.conference_sid, bySid, calls)
    this.#oldestCallsOf = new GroupedRows(row => row.account_sid, oldestFirst, calls)
    this.#newestCallsOf = new GroupedRows(row => row.account_sid, newestFirst, calls)
    this.#recordingsOf = new GroupedRows(row => row.call_sid, bySid, this.#recordings.values())
    this.#callIndexes = [this.#callsIn, this.#oldestCallsOf, this.#newestCallsOf]
  }

  accounts = (): Iterable<Readonly<AccountRow>> => this.#accounts.values()
  organization = (sid: string): Readonly<OrganizationRow> | undefined => this.#organizations.get(sid)
  account = (sid: string): Readonly<AccountRow> | undefined => this.#accounts.get(sid)
  conference = (sid: string): Readonly<ConferenceRow> | undefined => this.#conferences.get(sid)
  call = (sid: string): Readonly<CallRow> | undefined => this.#calls.get(sid)
  /** In storage order, which is by SID. */
  conferencesOf = (accountSid: string): readonly Readonly<ConferenceRow>[] => this.#conferencesOf.in(accountSid)
  /** Live and finished legs, by SID. */
  callsIn = (conferenceSid: string): readonly Readonly<CallRow>[] => this.#callsIn.in(conferenceSid)
  callsOf = (accountSid: string, order: 'oldest' | 'newest' = 'newest'): readonly Readonly<CallRow>[] =>
    (order === 'oldest' ? this.#oldestCallsOf : this.#newestCallsOf).in(accountSid)
  recordingsOf = (callSid: string): readonly Readonly<RecordingRow>[] => this.#recordingsOf.in(callSid)

  /** A copy of every row as it is now. */
  snapshot(): Rows {
    return {
      organizations: Array.from(this.#organizations.values(), row => ({ ...row })),
      accounts: Array.from(this.#accounts.values(), row => ({ ...row })),
      conferences: Array.from(this.#conferences.values(), row => ({ ...row })),
      calls: Array.from(this.#calls.values(), row => ({ ...row })),
      recordings: Array.from(this.#recordings.values(), row => ({ ...row })),
    }
  }

  addAccount(row: NewAccount): Readonly<AccountRow> {
    // An account without an organization can do nothing, so one that names none joins its parent's, or the first.
    const organization = (row.parent_sid && this.account(row.parent_sid)?.organization_sid) ?? null
    const [first] = this.#organizations.keys()
    const added = newAccount({ organization_sid: organization ?? first ?? null, ...row }, ++this.#added, this.#stamp())
    this.#accounts.set(added.sid, added)
    return added
  }

  updateAccount(sid: string, changes: Partial<AccountRow>): Readonly<AccountRow> {
    return Object.assign(known(this.#accounts, sid), { date_updated: this.#stamp() }, changes)
  }

  addConference(row: NewConference): Readonly<ConferenceRow> {
    const added = newConference(row, ++this.#added, this.#stamp())
    this.removeConference(added.sid)
    this.#conferences.set(added.sid, added)
    this.#conferencesOf.add(added)
    return added
  }

  updateConference(sid: string, changes: Partial<ConferenceRow>): Readonly<ConferenceRow> {
    const row = known(this.#conferences, sid)
    this.removeConference(sid)
    return this.addConference({ ...row, date_updated: this.#stamp(), ...changes })
  }

  /** Removes the room alone; its calls stay and still name it. */
  removeConference(sid: string): void {
    const row = this.#conferences.get(sid)
    if (row === undefined) return
    this.#conferencesOf.delete(row)
    this.#conferences.delete(sid)
  }

  addCall(row: NewCall): Readonly<CallRow> {
    const added = newCall(row, ++this.#added, this.#stamp())
    this.removeCall(added.sid)
    this.#calls.set(added.sid, added)
    for (const index of this.#callIndexes) index.add(added)
    return added
  }

  updateCall(sid: string, changes: Partial<CallRow>): Readonly<CallRow> {
    const row = known(this.#calls, sid)
    this.removeCall(sid)
    return this.addCall({ ...row, date_updated: this.#stamp(), ...changes })
  }

  removeCall(sid: string): void {
    const row = this.#calls.get(sid)
    if (row === undefined) return
    for (const index of this.#callIndexes) index.delete(row)
    this.#calls.delete(sid)
  }

  /** Ends a call as a hang-up does: completed, with its end and its duration in whole seconds. */
  finishCall(sid: string, end: Date = this.now()): Readonly<CallRow> {
    const { start_time, date_created } = known(this.#calls, sid)
    const seconds = Math.floor((end.getTime() - momentOf(start_time ?? date_created).getTime()) / 1000)
    const times = { end_time: timestamp(end), date_updated: timestamp(end) }
    return this.updateCall(sid, { status: 'completed', ...times, duration: Math.max(0, seconds) })
  }

  addRecording(row: NewRecording): Readonly<RecordingRow> {
    const added = newRecording(row, ++this.#added, this.#stamp())
    this.#recordings.set(added.sid, added)
    this.#recordingsOf.add(added)
    return added
  }

  #stamp(): string {
    return timestamp(this.now())
  }
}
