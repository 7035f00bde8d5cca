import type { Random } from '../random.ts'
import { chance, randomInteger, seededRandom } from '../random.ts'
import { md5, newAccount, newCall, newConference, newRecording, seededSid } from '../rows/newRows.ts'
import type { AccountRow, CallRow, ConferenceRow, OrganizationRow, RecordingRow, Rows } from '../rows/rows.ts'
import { parseTimestamp, toTimestamp } from '../rows/timestamp.ts'
import { newDemoCall } from './demoCall.ts'
import { CONFERENCE_NAMES } from './demoNames.ts'

/** The credentials of the demo account are public and the same in every sandbox. */
export const demoCredentials = {
  accountSid: seededSid('AC', 'demo'),
  authToken: md5('demo token'),
} as const

const MINUTE_MS = 60_000
const SUB_ACCOUNT_SID = seededSid('AC', 'demo sub-account')

const CONFERENCE_STATUSES = [
  ...Array<string>(11).fill('RUNNING_MODERATOR_PRESENT'),
  ...Array<string>(4).fill('RUNNING_MODERATOR_ABSENT'),
  'RUNNING_INITIALIZING',
  'STOPPING',
  ...Array<string>(20).fill('COMPLETED'),
  ...Array<string>(3).fill('FAILED'),
]

/**
 * Returns an organization, the demo account, a sub-account, and forty conferences with calls and recordings. Equal
 * seeds give equal rows, except for the dates.
 */
export function demoRows(seed = 1, now: Date = new Date()): Rows {
  const random = seededRandom(seed)
  const conferences: ConferenceRow[] = []
  const calls: CallRow[] = []
  const recordings: RecordingRow[] = []
  for (const [index, name] of CONFERENCE_NAMES.entries()) {
    const status = CONFERENCE_STATUSES[index % CONFERENCE_STATUSES.length] ?? 'COMPLETED'
    const conference = demoConference(random, `${seed}/${index}`, name, status, now)
    conferences.push(conference)
    const legs = demoLegs(random, conference, now)
    calls.push(...legs)
    recordings.push(...demoRecordings(random, legs))
  }
  return { organizations: [organization(now)], accounts: accounts(now), conferences, calls, recordings }
}

function organization(now: Date): OrganizationRow {
  return {
    sid: seededSid('OR', 'demo'),
    domain_name: 'demo.example.com',
    date_created: toTimestamp(now),
    date_updated: toTimestamp(now),
    status: 'active',
  }
}

function accounts(now: Date): AccountRow[] {
  const { accountSid, authToken } = demoCredentials
  const shared = { organization_sid: seededSid('OR', 'demo') }
  const demo = { ...shared, sid: accountSid, auth_token: authToken, friendly_name: 'Demo' }
  const sub = { ...shared, sid: SUB_ACCOUNT_SID, parent_sid: accountSid, friendly_name: 'Demo, branch office' }
  return [
    newAccount({ ...demo, email_address: 'demo@example.com' }, 'demo', toTimestamp(now)),
    newAccount({ ...sub, email_address: 'branch@example.com', role: 'Developer' }, 'branch', toTimestamp(now)),
  ]
}

const isRunning = (status: string): boolean => status.startsWith('RUNNING')

function demoConference(random: Random, seed: string, name: string, status: string, now: Date): ConferenceRow {
  const ageMinutes =
    isRunning(status) || status === 'STOPPING'
      ? 2 + randomInteger(random, 55)
      : 90 + randomInteger(random, 14 * 24 * 60)
  const began = new Date(now.getTime() - ageMinutes * MINUTE_MS)
  const durationMinutes = isRunning(status) ? 1 : 10 + randomInteger(random, 50)
  const account_sid = chance(random, 0.1) ? SUB_ACCOUNT_SID : demoCredentials.accountSid
  const row = {
    account_sid,
    status,
    friendly_name: name,
    date_created: toTimestamp(began),
    date_updated: toTimestamp(new Date(Math.min(now.getTime(), began.getTime() + durationMinutes * MINUTE_MS))),
    master_present: status === 'RUNNING_MODERATOR_PRESENT',
  }
  return newConference(row, `demo/${seed}`, toTimestamp(now))
}

function demoLegs(random: Random, conference: ConferenceRow, now: Date): CallRow[] {
  const began = parseTimestamp(conference.date_created)
  const running = isRunning(conference.status)
  const liveCount = running && conference.status !== 'RUNNING_INITIALIZING' ? 2 + randomInteger(random, 7) : 0
  const finishedCount =
    conference.status === 'FAILED' || conference.status === 'RUNNING_INITIALIZING' ? 0 : 1 + randomInteger(random, 5)
  const legs: CallRow[] = []
  for (let leg = 0; leg < liveCount + finishedCount; leg++) {
    const at = new Date(began.getTime() + leg * 1_000 * (2 + randomInteger(random, 8)))
    const row = newCall(newDemoCall(random, conference, legs, at), `demo/${conference.sid}/${leg}`, toTimestamp(at))
    const left = Math.min(now.getTime(), at.getTime() + (1 + randomInteger(random, 20)) * MINUTE_MS)
    legs.push(leg < liveCount ? row : finishLeg(row, new Date(left)))
  }
  return legs
}

function finishLeg(leg: CallRow, end: Date): CallRow {
  const seconds = Math.floor((end.getTime() - parseTimestamp(leg.date_created).getTime()) / 1000)
  const over = { status: 'completed', end_time: toTimestamp(end), date_updated: toTimestamp(end), duration: seconds }
  return { ...leg, ...over, muted: false, on_hold: false }
}

function demoRecordings(random: Random, legs: readonly CallRow[]): RecordingRow[] {
  return legs
    .filter(leg => leg.duration !== null && chance(random, 0.3))
    .map(leg => {
      const { account_sid, sid: call_sid, date_updated: date_created } = leg
      const duration = Math.max(1, leg.duration ?? 0) - 0.5
      return newRecording({ account_sid, call_sid, date_created, duration }, `demo/${call_sid}`, date_created)
    })
}
