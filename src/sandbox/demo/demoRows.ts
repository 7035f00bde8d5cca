import type { Random } from '../random.ts'
import { below, chance, seededRandom } from '../random.ts'
import { md5, newAccount, newCall, newConference, newRecording, sid } from '../rows/newRows.ts'
import type { AccountRow, CallRow, ConferenceRow, OrganizationRow, RecordingRow, Rows } from '../rows/rows.ts'
import { momentOf, timestamp } from '../rows/timestamp.ts'
import { caller } from './caller.ts'
import { ROOM_NAMES } from './names.ts'

/** The demo account. It is the same in every sandbox, so it can stand in a README; it opens nothing else. */
export const demoCredentials = {
  accountSid: sid('AC', 'demo'),
  authToken: md5('demo token'),
} as const

const MINUTE = 60_000
const SUB_ACCOUNT_SID = sid('AC', 'demo sub-account')

/** Of forty rooms: what is going on in them. */
const STATES = [
  ...Array<string>(11).fill('RUNNING_MODERATOR_PRESENT'),
  ...Array<string>(4).fill('RUNNING_MODERATOR_ABSENT'),
  'RUNNING_INITIALIZING',
  'STOPPING',
  ...Array<string>(20).fill('COMPLETED'),
  ...Array<string>(3).fill('FAILED'),
]

/**
 * An organization, the demo account and a sub-account, and forty rooms in all states with their callers, finished legs
 * and recordings. The seed decides everything but the dates, which lead up to `now`.
 */
export const demoRows = (seed = 1, now: Date = new Date()): Rows => {
  const random = seededRandom(seed)
  const conferences: ConferenceRow[] = []
  const calls: CallRow[] = []
  const recordings: RecordingRow[] = []
  for (const [index, name] of ROOM_NAMES.entries()) {
    const status = STATES[index % STATES.length] ?? 'COMPLETED'
    const room = demoRoom(random, `${seed}/${index}`, name, status, now)
    conferences.push(room)
    const legs = demoLegs(random, room, now)
    calls.push(...legs)
    recordings.push(...demoRecordings(random, legs))
  }
  return { organizations: [organization(now)], accounts: accounts(now), conferences, calls, recordings }
}

const organization = (now: Date): OrganizationRow => ({
  sid: sid('OR', 'demo'),
  domain_name: 'demo.example.com',
  date_created: timestamp(now),
  date_updated: timestamp(now),
  status: 'active',
})

const accounts = (now: Date): AccountRow[] => {
  const { accountSid, authToken } = demoCredentials
  const shared = { organization_sid: sid('OR', 'demo') }
  const demo = { ...shared, sid: accountSid, auth_token: authToken, friendly_name: 'Demo' }
  const sub = { ...shared, sid: SUB_ACCOUNT_SID, parent_sid: accountSid, friendly_name: 'Demo, branch office' }
  return [
    newAccount({ ...demo, email_address: 'demo@example.com' }, 'demo', timestamp(now)),
    newAccount({ ...sub, email_address: 'branch@example.com', role: 'Developer' }, 'branch', timestamp(now)),
  ]
}

const isRunning = (status: string): boolean => status.startsWith('RUNNING')

const demoRoom = (random: Random, seed: string, name: string, status: string, now: Date): ConferenceRow => {
  const minutes = isRunning(status) || status === 'STOPPING' ? 2 + below(random, 55) : 90 + below(random, 14 * 24 * 60)
  const began = new Date(now.getTime() - minutes * MINUTE)
  const lasted = isRunning(status) ? 1 : 10 + below(random, 50)
  const account_sid = chance(random, 0.1) ? SUB_ACCOUNT_SID : demoCredentials.accountSid
  const row = {
    account_sid,
    status,
    friendly_name: name,
    date_created: timestamp(began),
    date_updated: timestamp(new Date(Math.min(now.getTime(), began.getTime() + lasted * MINUTE))),
    master_present: status === 'RUNNING_MODERATOR_PRESENT',
  }
  return newConference(row, `demo/${seed}`, timestamp(now))
}

const demoLegs = (random: Random, room: ConferenceRow, now: Date): CallRow[] => {
  const began = momentOf(room.date_created)
  const running = isRunning(room.status)
  const live = running && room.status !== 'RUNNING_INITIALIZING' ? 2 + below(random, 7) : 0
  const gone = room.status === 'FAILED' || room.status === 'RUNNING_INITIALIZING' ? 0 : 1 + below(random, 5)
  const legs: CallRow[] = []
  for (let leg = 0; leg < live + gone; leg++) {
    const at = new Date(began.getTime() + leg * 1_000 * (2 + below(random, 8)))
    const row = newCall(caller(random, room, legs, at), `demo/${room.sid}/${leg}`, timestamp(at))
    const left = Math.min(now.getTime(), at.getTime() + (1 + below(random, 20)) * MINUTE)
    legs.push(leg < live ? row : finished(row, new Date(left)))
  }
  return legs
}

const finished = (leg: CallRow, end: Date): CallRow => {
  const seconds = Math.floor((end.getTime() - momentOf(leg.date_created).getTime()) / 1000)
  const over = { status: 'completed', end_time: timestamp(end), date_updated: timestamp(end), duration: seconds }
  return { ...leg, ...over, muted: false, on_hold: false }
}

const demoRecordings = (random: Random, legs: readonly CallRow[]): RecordingRow[] =>
  legs
    .filter(leg => leg.duration !== null && chance(random, 0.3))
    .map(leg => {
      const { account_sid, sid: call_sid, date_updated: date_created } = leg
      const duration = Math.max(1, leg.duration ?? 0) - 0.5
      return newRecording({ account_sid, call_sid, date_created, duration }, `demo/${call_sid}`, date_created)
    })
