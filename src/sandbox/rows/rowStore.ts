import type { NewAccount, NewCall, NewConference, NewRecording } from './newRows.ts'
import { newAccount, newCall, newConference, newRecording } from './newRows.ts'
import { compareBySid, compareNewestFirst, compareOldestFirst } from './rowOrders.ts'
import type { AccountRow, CallRow, ConferenceRow, OrganizationRow, RecordingRow, Rows } from './rows.ts'
import { SortedIndex } from './sortedIndex.ts'
import { parseTimestamp, toTimestamp } from './timestamp.ts'

function copyRows<Row extends { sid: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map(row => [row.sid, { ...row }]))
}

function requireRow<Row>(rows: Map<string, Row>, sid: string): Row {
  const row = rows.get(sid)
  if (row === undefined) throw new Error(`The sandbox has no row ${sid}.`)
  return row
}

/**
 * The mutable rows of a sandbox, a copy of the given rows. Lists are kept sorted, so that the cost of a page does not
 * depend on the length of the list. `update…` sets `date_updated` to the current time unless `changes` sets the
 * column, and throws for an unknown SID.
 */
export class RowStore {
  readonly now: () => Date
  readonly #organizations: Map<string, OrganizationRow>
  readonly #accounts: Map<string, AccountRow>
  readonly #conferences: Map<string, ConferenceRow>
  readonly #calls: Map<string, CallRow>
  readonly #recordings: Map<string, RecordingRow>
  readonly #conferencesOf: SortedIndex<ConferenceRow>
  readonly #callIndexes: readonly SortedIndex<CallRow>[]
  readonly #callsIn: SortedIndex<CallRow>
  readonly #oldestCallsOf: SortedIndex<CallRow>
  readonly #newestCallsOf: SortedIndex<CallRow>
  readonly #recordingsOf: SortedIndex<RecordingRow>
  #addedCount = 0

  constructor(rows: Rows, now: () => Date = () => new Date()) {
    this.now = now
    this.#organizations = copyRows(rows.organizations)
    this.#accounts = copyRows(rows.accounts)
    this.#conferences = copyRows(rows.conferences)
    this.#calls = copyRows(rows.calls)
    this.#recordings = copyRows(rows.recordings ?? [])
    const calls = [...this.#calls.values()]
    this.#conferencesOf = new SortedIndex(row => row.account_sid, compareBySid, this.#conferences.values())
    this.#callsIn = new SortedIndex(row => row.conference_sid, compareBySid, calls)
    this.#oldestCallsOf = new SortedIndex(row => row.account_sid, compareOldestFirst, calls)
    this.#newestCallsOf = new SortedIndex(row => row.account_sid, compareNewestFirst, calls)
    this.#recordingsOf = new SortedIndex(row => row.call_sid, compareBySid, this.#recordings.values())
    this.#callIndexes = [this.#callsIn, this.#oldestCallsOf, this.#newestCallsOf]
  }

  accounts = (): Iterable<Readonly<AccountRow>> => this.#accounts.values()
  organization = (sid: string): Readonly<OrganizationRow> | undefined => this.#organizations.get(sid)
  account = (sid: string): Readonly<AccountRow> | undefined => this.#accounts.get(sid)
  conference = (sid: string): Readonly<ConferenceRow> | undefined => this.#conferences.get(sid)
  call = (sid: string): Readonly<CallRow> | undefined => this.#calls.get(sid)
  /** Sorted by SID. */
  conferencesOf = (accountSid: string): readonly Readonly<ConferenceRow>[] => this.#conferencesOf.rowsOf(accountSid)
  /** Live and finished calls, sorted by SID. */
  callsIn = (conferenceSid: string): readonly Readonly<CallRow>[] => this.#callsIn.rowsOf(conferenceSid)
  callsOf = (accountSid: string, order: 'oldest' | 'newest' = 'newest'): readonly Readonly<CallRow>[] =>
    (order === 'oldest' ? this.#oldestCallsOf : this.#newestCallsOf).rowsOf(accountSid)
  recordingsOf = (callSid: string): readonly Readonly<RecordingRow>[] => this.#recordingsOf.rowsOf(callSid)

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
    // The default is the organization of the parent account, or else the first organization.
    const organization = (row.parent_sid && this.account(row.parent_sid)?.organization_sid) ?? null
    const [first] = this.#organizations.keys()
    const added = newAccount(
      { organization_sid: organization ?? first ?? null, ...row },
      ++this.#addedCount,
      this.#timestampNow(),
    )
    this.#accounts.set(added.sid, added)
    return added
  }

  updateAccount(sid: string, changes: Partial<AccountRow>): Readonly<AccountRow> {
    return Object.assign(requireRow(this.#accounts, sid), { date_updated: this.#timestampNow() }, changes)
  }

  addConference(row: NewConference): Readonly<ConferenceRow> {
    const added = newConference(row, ++this.#addedCount, this.#timestampNow())
    this.removeConference(added.sid)
    this.#conferences.set(added.sid, added)
    this.#conferencesOf.add(added)
    return added
  }

  updateConference(sid: string, changes: Partial<ConferenceRow>): Readonly<ConferenceRow> {
    const row = requireRow(this.#conferences, sid)
    this.removeConference(sid)
    return this.addConference({ ...row, date_updated: this.#timestampNow(), ...changes })
  }

  /** Keeps the calls of the conference, including the `conference_sid`. */
  removeConference(sid: string): void {
    const row = this.#conferences.get(sid)
    if (row === undefined) return
    this.#conferencesOf.delete(row)
    this.#conferences.delete(sid)
  }

  addCall(row: NewCall): Readonly<CallRow> {
    const added = newCall(row, ++this.#addedCount, this.#timestampNow())
    this.removeCall(added.sid)
    this.#calls.set(added.sid, added)
    for (const index of this.#callIndexes) index.add(added)
    return added
  }

  updateCall(sid: string, changes: Partial<CallRow>): Readonly<CallRow> {
    const row = requireRow(this.#calls, sid)
    this.removeCall(sid)
    return this.addCall({ ...row, date_updated: this.#timestampNow(), ...changes })
  }

  removeCall(sid: string): void {
    const row = this.#calls.get(sid)
    if (row === undefined) return
    for (const index of this.#callIndexes) index.delete(row)
    this.#calls.delete(sid)
  }

  /** Like a hang-up, sets the status `completed`, the end time and the duration in whole seconds. */
  finishCall(sid: string, end: Date = this.now()): Readonly<CallRow> {
    const { start_time, date_created } = requireRow(this.#calls, sid)
    const seconds = Math.floor((end.getTime() - parseTimestamp(start_time ?? date_created).getTime()) / 1000)
    const times = { end_time: toTimestamp(end), date_updated: toTimestamp(end) }
    return this.updateCall(sid, { status: 'completed', ...times, duration: Math.max(0, seconds) })
  }

  addRecording(row: NewRecording): Readonly<RecordingRow> {
    const added = newRecording(row, ++this.#addedCount, this.#timestampNow())
    this.#recordings.set(added.sid, added)
    this.#recordingsOf.add(added)
    return added
  }

  #timestampNow(): string {
    return toTimestamp(this.now())
  }
}
