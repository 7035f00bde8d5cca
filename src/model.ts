/** Restcomm's resources; property names follow the GraphQL schema. Dates are RFC 3339 with Restcomm's UTC offset. */

export const SID_PATTERNS = {
  account: /^AC[A-Za-z0-9]{32}$/,
  conference: /^CF[A-Za-z0-9]{32}$/,
  call: /^(?:CA[A-Za-z0-9]{32}|ID[A-Za-z0-9]{32}-CA[A-Za-z0-9]{32})$/,
  recording: /^RE[A-Za-z0-9]{32}$/,
} as const

export function isAccountSid(text: string): boolean {
  return SID_PATTERNS.account.test(text)
}

export const ACCOUNT_STATUSES = ['ACTIVE', 'CLOSED', 'SUSPENDED', 'INACTIVE', 'UNINITIALIZED'] as const
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number] | 'UNKNOWN'

export const CONFERENCE_STATUSES = [
  'RUNNING_INITIALIZING',
  'RUNNING_MODERATOR_ABSENT',
  'RUNNING_MODERATOR_PRESENT',
  'STOPPING',
  'COMPLETED',
  'FAILED',
] as const
export type ConferenceStatus = (typeof CONFERENCE_STATUSES)[number] | 'UNKNOWN'

export const CALL_STATUSES = [
  'QUEUED',
  'RINGING',
  'IN_PROGRESS',
  'WAIT_FOR_ANSWER',
  'COMPLETED',
  'CANCELED',
  'BUSY',
  'FAILED',
  'NO_ANSWER',
  'NOT_FOUND',
] as const
export type CallStatus = (typeof CALL_STATUSES)[number] | 'UNKNOWN'

export const CALL_DIRECTIONS = ['INBOUND', 'OUTBOUND_API', 'OUTBOUND_DIAL'] as const
export type CallDirection = (typeof CALL_DIRECTIONS)[number] | 'UNKNOWN'

export interface Account {
  readonly sid: string
  readonly friendlyName: string | null
  readonly status: AccountStatus | null
  readonly type: string | null
  readonly dateCreated: string | null
  readonly dateUpdated: string | null
  readonly uri: string | null
}

export interface Conference {
  readonly sid: string
  readonly accountSid: string
  readonly friendlyName: string | null
  readonly status: ConferenceStatus
  /** The status as Restcomm spells it. If `status` is `UNKNOWN`, only `statusText` shows the actual status. */
  readonly statusText: string
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly apiVersion: string
  readonly uri: string
}

/** Includes the account, because Restcomm finds a conference only under the path of the owning account. */
export interface ConferenceKey {
  readonly accountSid: string
  readonly sid: string
}

export interface Participant {
  readonly callSid: string
  /** Account of the call. Can differ from `conference.accountSid`. */
  readonly accountSid: string
  /** Key of the requested conference. `conference_sid` in Restcomm's response is wrong: the SID of the parent call. */
  readonly conference: ConferenceKey
  readonly muted: boolean | null
  readonly hold: boolean | null
  readonly startConferenceOnEnter: boolean | null
  readonly endConferenceOnExit: boolean | null
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly uri: string
}

export interface ParticipantKey {
  readonly conference: ConferenceKey
  readonly callSid: string
}

export interface Call {
  readonly sid: string
  readonly accountSid: string
  readonly parentCallSid: string | null
  readonly from: string | null
  readonly to: string | null
  readonly callerName: string | null
  readonly forwardedFrom: string | null
  readonly direction: CallDirection
  readonly status: CallStatus
  /** The status as Restcomm spells it. If `status` is `UNKNOWN`, only `statusText` shows the actual status. */
  readonly statusText: string
  readonly answeredBy: string | null
  readonly startTime: string | null
  readonly endTime: string | null
  /** Length of the call in seconds. */
  readonly duration: number | null
  /** Time between ringing and answer in seconds. */
  readonly ringDuration: number | null
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly uri: string
}

/** Includes the account, because Restcomm finds a call only under the path of the owning account. */
export interface CallKey {
  readonly accountSid: string
  readonly sid: string
}

/** Includes the call, because the gateway finds a recording in the call's list of recordings. */
export interface RecordingKey {
  readonly call: CallKey
  readonly sid: string
}

export interface Recording {
  readonly sid: string
  readonly accountSid: string
  readonly callSid: string
  /** Length of the recording in seconds. */
  readonly duration: number | null
  readonly fileUri: string | null
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly uri: string
}

/** Dates are `YYYY-MM-DD`. */
export interface ConferenceFilter {
  readonly status?: ConferenceStatus | undefined
  readonly friendlyName?: string | undefined
  readonly createdOnOrAfter?: string | undefined
  readonly updatedOnOrBefore?: string | undefined
  readonly limit?: number | undefined
  readonly startTime?: string | undefined
  readonly endTime?: string | undefined
  readonly callSid?: string | undefined
}

/** A `COMPLETED` or `FAILED` conference never changes again and has no participants. */
export function isConferenceOver(conference: Conference): boolean {
  return conference.status === 'COMPLETED' || conference.status === 'FAILED'
}

const UNFINISHED_CALL_STATUSES: readonly CallStatus[] = [
  'QUEUED',
  'RINGING',
  'IN_PROGRESS',
  'WAIT_FOR_ANSWER',
  'UNKNOWN',
]

/** A finished call never changes again. */
export function isCallOver(call: Call): boolean {
  return !UNFINISHED_CALL_STATUSES.includes(call.status)
}
