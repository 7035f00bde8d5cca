import { createHash } from 'node:crypto'
import type { AccountRow, CallRow, ConferenceRow, RecordingRow, Timestamp } from './rows.ts'

export const API_VERSION = '2012-04-24'

/** What a row must say of itself; every other column has a default. */
export type NewAccount = Partial<AccountRow>
export type NewConference = Pick<ConferenceRow, 'account_sid'> & Partial<ConferenceRow>
export type NewCall = Pick<CallRow, 'account_sid'> & Partial<CallRow>
export type NewRecording = Pick<RecordingRow, 'account_sid' | 'call_sid'> & Partial<RecordingRow>

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

/** SIDs that look random and so land anywhere in a list, yet are the same for the same seed. */
export const sid = (prefix: string, seed: string | number): string => prefix + md5(`${prefix}/${seed}`)

const INSTANCE_SID = sid('ID', 'sandbox')

export const callSid = (seed: string | number): string => `${INSTANCE_SID}-${sid('CA', seed)}`

export const newAccount = (row: NewAccount, seed: string | number, now: Timestamp): AccountRow => {
  const own = row.sid ?? sid('AC', seed)
  return {
    sid: own,
    date_created: now,
    date_updated: now,
    email_address: `${own.toLowerCase()}@example.com`,
    friendly_name: own,
    parent_sid: null,
    type: 'Full',
    status: 'active',
    auth_token: md5(`token/${own}`),
    role: 'Administrator',
    uri: `/${API_VERSION}/Accounts/${own}`,
    organization_sid: null,
    ...row,
  }
}

/** A running room with its moderator, unless the row says otherwise. */
export const newConference = (row: NewConference, seed: string | number, now: Timestamp): ConferenceRow => {
  const own = row.sid ?? sid('CF', seed)
  return {
    sid: own,
    date_created: now,
    date_updated: row.date_created ?? now,
    status: 'RUNNING_MODERATOR_PRESENT',
    friendly_name: `Room ${seed}`,
    api_version: API_VERSION,
    uri: `/${API_VERSION}/Accounts/${row.account_sid}/Conferences/${own}`,
    master_ms_id: null,
    master_present: true,
    ...row,
  }
}

/** A live leg in progress, neither muted nor on hold, unless the row says otherwise. */
export const newCall = (row: NewCall, seed: string | number, now: Timestamp): CallRow => {
  const own = row.sid ?? callSid(seed)
  return {
    sid: own,
    parent_call_sid: null,
    date_created: now,
    date_updated: row.date_created ?? now,
    sender: '+15550100000',
    recipient: '+15550200000',
    phone_number_sid: null,
    status: 'in-progress',
    start_time: row.date_created ?? now,
    end_time: null,
    duration: null,
    price: '0.00',
    direction: 'inbound',
    answered_by: null,
    api_version: API_VERSION,
    forwarded_from: null,
    caller_name: null,
    uri: `/${API_VERSION}/Accounts/${row.account_sid}/Calls/${own}`,
    call_path: `akka://RestComm/user/$a/$${seed}`,
    ring_duration: 0,
    instanceid: INSTANCE_SID,
    conference_sid: null,
    muted: false,
    start_conference_on_enter: true,
    end_conference_on_exit: false,
    on_hold: false,
    ms_id: null,
    ...row,
  }
}

export const newRecording = (row: NewRecording, seed: string | number, now: Timestamp): RecordingRow => {
  const own = row.sid ?? sid('RE', seed)
  return {
    sid: own,
    date_created: now,
    date_updated: row.date_created ?? now,
    duration: 12.5,
    api_version: API_VERSION,
    uri: `/${API_VERSION}/Accounts/${row.account_sid}/Recordings/${own}`,
    file_uri: `/${API_VERSION}/Accounts/${row.account_sid}/Recordings/${own}.wav`,
    ...row,
  }
}
