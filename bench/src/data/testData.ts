import { RowStore } from '../../../src/sandbox/index.ts'
import { seededSid } from '../../../src/sandbox/rows/newRows.ts'
import { toTimestamp } from '../../../src/sandbox/rows/timestamp.ts'

export interface Account {
  readonly sid: string
  readonly authorization: string
  /** Conference SIDs in the order of Restcomm's list. */
  readonly conferences: readonly string[]
}

export interface TestData {
  readonly rows: RowStore
  /** In these accounts, all conferences are running. */
  readonly runningAccounts: readonly Account[]
  /** In these accounts, a tenth of the conferences is running and the rest is completed. */
  readonly completedAccounts: readonly Account[]
  readonly longListAccount: Account
}

const RUNNING_CONFERENCES = 120
const COMPLETED_CONFERENCES = 60
const LONG_LIST_CONFERENCES = 5_000

const START_MS = Date.UTC(2024, 0, 1)

function timestampAt(minute: number): string {
  return toTimestamp(new Date(START_MS + minute * 60_000))
}

export function emptyRows(): RowStore {
  return new RowStore({
    organizations: [
      {
        sid: seededSid('OR', 'bench'),
        domain_name: 'bench.example.com',
        date_created: timestampAt(0),
        date_updated: timestampAt(0),
        status: 'active',
      },
    ],
    accounts: [],
    conferences: [],
    calls: [],
  })
}

interface NewAccount {
  readonly name: string
  readonly conferences: number
  readonly isRunning: (index: number) => boolean
  readonly participants: (index: number) => number
}

/** Adds an account with conferences. Equal names give equal SIDs. */
export function addAccount(rows: RowStore, { name, conferences, isRunning, participants }: NewAccount): Account {
  const { sid: accountSid, auth_token: token } = rows.addAccount({ sid: seededSid('AC', name) })
  const sids = Array.from({ length: conferences }, (_, i) => seededSid('CF', `${name}/${i}`)).sort()
  for (const [index, conferenceSid] of sids.entries()) {
    const running = isRunning(index) ? ['RUNNING_MODERATOR_PRESENT', 'RUNNING_MODERATOR_ABSENT'][index % 2] : undefined
    rows.addConference({
      sid: conferenceSid,
      account_sid: accountSid,
      status: running ?? 'COMPLETED',
      friendly_name: `Room ${index} of ${name}`,
      date_created: timestampAt(index),
      date_updated: timestampAt(index + 5),
    })
    if (running !== undefined) addParticipants(rows, accountSid, conferenceSid, participants(index))
  }
  const authorization = `Basic ${Buffer.from(`${accountSid}:${token}`).toString('base64')}`
  return { sid: accountSid, authorization, conferences: sids }
}

/** The rows depend only on the number of accounts. */
export function createData(accounts: number): TestData {
  const rows = emptyRows()
  const participants = (index: number) => 2 + (index % 4)
  const createAccounts = (name: string, conferences: number, isRunning: (index: number) => boolean) =>
    Array.from({ length: accounts }, (_, i) =>
      addAccount(rows, { name: `${name} ${i}`, conferences, isRunning, participants }),
    )
  return {
    rows,
    runningAccounts: createAccounts('busy', RUNNING_CONFERENCES, () => true),
    completedAccounts: createAccounts('history', COMPLETED_CONFERENCES, index => index % 10 === 3),
    longListAccount: addAccount(rows, {
      name: 'deep',
      conferences: LONG_LIST_CONFERENCES,
      isRunning: () => true,
      participants: () => 0,
    }),
  }
}

function addParticipants(rows: RowStore, accountSid: string, conferenceSid: string, count: number): void {
  // Restcomm orders participants by SID, the gateway by creation time. The SIDs are sorted here, so that both orders
  // are equal and servers which keep Restcomm's order return the same data.
  const sids = Array.from({ length: count }, (_, i) => seededSid('CA', `${conferenceSid}/${i}`)).sort()
  for (const [i, callSid] of sids.entries()) {
    rows.addCall({
      sid: callSid,
      account_sid: accountSid,
      conference_sid: conferenceSid,
      sender: `+1555010${String(i).padStart(4, '0')}`,
      date_created: timestampAt(i),
      muted: i % 2 === 1,
      on_hold: i % 3 === 2,
    })
  }
}
