import { createHash } from 'node:crypto'
import type { AccountRow, CallRow, ConferenceRow, RecordingRow, Timestamp } from './rows.ts'

export const API_VERSION = '2012-04-24'

/** Only the picked columns of a new row are required; all other columns have defaults. */
export type NewAccount = Partial<AccountRow>
export type NewConference = Pick<ConferenceRow, 'account_sid'> & Partial<ConferenceRow>
export type NewCall = Pick<CallRow, 'account_sid'> & Partial<CallRow>
export type NewRecording = Pick<RecordingRow, 'account_sid' | 'call_sid'> & Partial<RecordingRow>

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** Equal seeds give equal SIDs. As in Restcomm, the SIDs do not show the order of creation. */
export function seededSid(prefix: string, seed: string | number): string {
  return prefix + md5(`${prefix}/${seed}`)
}

const INSTANCE_SID = seededSid('ID', 'sandbox')

export function newAccount(row: NewAccount, seed: string | number, now: Timestamp): AccountRow {
  const accountSid = row.sid ?? seededSid('AC', seed)
  return {
    sid: accountSid,
    date_created: now,
    date_updated: now,
    email_address: `${accountSid.toLowerCase()}@example.com`,
    friendly_name: accountSid,
    parent_sid: null,
    type: 'Full',
    status: 'active',
    auth_token: md5(`token/${accountSid}`),
    role: 'Administrator',
    uri: `/${API_VERSION}/Accounts/${accountSid}`,
    organization_sid: null,
    ...row,
  }
}

/** The defaults describe a running conference with a moderator. */
export function newConference(row: NewConference, seed: string | number, now: Timestamp): ConferenceRow {
  const conferenceSid = row.sid ?? seededSid('CF', seed)
  return {
    sid: conferenceSid,
    date_created: now,
    date_updated: row.date_created ?? now,
    status: 'RUNNING_MODERATOR_PRESENT',
    friendly_name: `Room ${seed}`,
    api_version: API_VERSION,
    uri: `/${API_VERSION}/Accounts/${row.account_sid}/Conferences/${conferenceSid}`,
    master_ms_id: null,
    master_present: true,
    ...row,
  }
}

/** The defaults describe a live call in progress, neither muted nor on hold. */
export function newCall(row: NewCall, seed: string | number, now: Timestamp): CallRow {
  const ownSid = row.sid ?? `${INSTANCE_SID}-${seededSid('CA', seed)}`
  return {
    sid: ownSid,
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
    uri: `/${API_VERSION}/Accounts/${row.account_sid}/Calls/${ownSid}`,
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

export function newRecording(row: NewRecording, seed: string | number, now: Timestamp): RecordingRow {
  const recordingSid = row.sid ?? seededSid('RE', seed)
  return {
    sid: recordingSid,
    date_created: now,
    date_updated: row.date_created ?? now,
    duration: 12.5,
    api_version: API_VERSION,
    uri: `/${API_VERSION}/Accounts/${row.account_sid}/Recordings/${recordingSid}`,
    file_uri: `/${API_VERSION}/Accounts/${row.account_sid}/Recordings/${recordingSid}.wav`,
    ...row,
  }
}
