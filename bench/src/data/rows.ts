import { RowStore } from '../../../src/sandbox/index.ts'
import { sid } from '../../../src/sandbox/rows/new-rows.ts'
import { timestamp } from '../../../src/sandbox/rows/timestamp.ts'

/** Conferences of an account, in the order of its list. */
export interface Account {
  readonly sid: string
  /** The value of its `Authorization` header. */
  readonly authorization: string
  readonly conferences: readonly string[]
}

export interface Data {
  readonly rows: RowStore
  /** All of their conferences are on. */
  readonly busy: readonly Account[]
  /** One in ten of their conferences is on; the others are over. */
  readonly history: readonly Account[]
  /** With a list that is long. */
  readonly deep: Account
}

const BUSY_CONFERENCES = 120
const HISTORY_CONFERENCES = 60
const DEEP_CONFERENCES = 5_000

const START = Date.UTC(2024, 0, 1)
const stampOf = (minute: number): string => timestamp(new Date(START + minute * 60_000))

/** An organization, and nobody in it yet. */
export const emptyRows = (): RowStore =>
  new RowStore({
    organizations: [
      {
        sid: sid('OR', 'bench'),
        domain_name: 'bench.example.com',
        date_created: stampOf(0),
        date_updated: stampOf(0),
        status: 'active',
      },
    ],
    accounts: [],
    conferences: [],
    calls: [],
  })

interface NewAccount {
  readonly name: string
  readonly conferences: number
  readonly isRunning: (place: number) => boolean
  readonly participants: (place: number) => number
}

/** Adds an account and its conferences, which are the same for the same name. */
export const addAccount = (rows: RowStore, { name, conferences, isRunning, participants }: NewAccount): Account => {
  const { sid: accountSid, auth_token: token } = rows.addAccount({ sid: sid('AC', name) })
  const sids = Array.from({ length: conferences }, (_, i) => sid('CF', `${name}/${i}`)).sort()
  for (const [place, own] of sids.entries()) {
    const running = isRunning(place) ? ['RUNNING_MODERATOR_PRESENT', 'RUNNING_MODERATOR_ABSENT'][place % 2] : undefined
    rows.addConference({
      sid: own,
      account_sid: accountSid,
      status: running ?? 'COMPLETED',
      friendly_name: `Room ${place} of ${name}`,
      date_created: stampOf(place),
      date_updated: stampOf(place + 5),
    })
    if (running !== undefined) addParticipants(rows, accountSid, own, participants(place))
  }
  const authorization = `Basic ${Buffer.from(`${accountSid}:${token}`).toString('base64')}`
  return { sid: accountSid, authorization, conferences: sids }
}

/** The same rows for the same number of accounts. */
export const createData = (accounts: number): Data => {
  const rows = emptyRows()
  const participants = (place: number) => 2 + (place % 4)
  const several = (name: string, conferences: number, isRunning: (place: number) => boolean) =>
    Array.from({ length: accounts }, (_, i) =>
      addAccount(rows, { name: `${name} ${i}`, conferences, isRunning, participants }),
    )
  return {
    rows,
    busy: several('busy', BUSY_CONFERENCES, () => true),
    history: several('history', HISTORY_CONFERENCES, place => place % 10 === 3),
    deep: addAccount(rows, {
      name: 'deep',
      conferences: DEEP_CONFERENCES,
      isRunning: () => true,
      participants: () => 0,
    }),
  }
}

const addParticipants = (rows: RowStore, accountSid: string, conferenceSid: string, count: number): void => {
  // Restcomm sends them by SID, this gateway by the time they came in: here that is the same order, so that those who
  // pass on what they get give the same answer.
  const sids = Array.from({ length: count }, (_, i) => sid('CA', `${conferenceSid}/${i}`)).sort()
  for (const [i, own] of sids.entries()) {
    rows.addCall({
      sid: own,
      account_sid: accountSid,
      conference_sid: conferenceSid,
      sender: `+1555010${String(i).padStart(4, '0')}`,
      date_created: stampOf(i),
      muted: i % 2 === 1,
      on_hold: i % 3 === 2,
    })
  }
}
