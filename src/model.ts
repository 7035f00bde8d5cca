/** Restcomm's resources; property names follow the GraphQL schema. Dates are RFC 3339 with Restcomm's UTC offset. */

/** A value of a row, or the reason why the gateway cannot read the value. */
export type Decoded<T> = T | Error

export function isReadable<T>(value: T): value is Exclude<T, Error> {
  return !(value instanceof Error)
}

/** Compares two values of a field. Two values that cannot be read are equal. */
export function isSameValue<T>(a: T, b: T): boolean {
  return a === b || (a instanceof Error && b instanceof Error)
}

/** Time of a date in milliseconds. A date that cannot be read counts as the smallest time of `Date`. */
export function timeOf(date: Decoded<string>): number {
  return date instanceof Error ? -8.64e15 : Date.parse(date)
}

export const SID_PATTERNS = {
  account: /^AC[A-Za-z0-9]{32}$/,
  conference: /^CF[A-Za-z0-9]{32}$/,
  call: /^(?:CA[A-Za-z0-9]{32}|ID[A-Za-z0-9]{32}-CA[A-Za-z0-9]{32})$/,
  recording: /^RE[A-Za-z0-9]{32}$/,
} as const

export function isAccountSid(text: string): boolean {
  return SID_PATTERNS.account.test(text)
}

/** Actions of mutations for which a client needs the right. `mute` includes unmuting. */
export const ACTIONS = ['mute', 'hangup'] as const
export type Action = (typeof ACTIONS)[number]

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
  readonly friendlyName: Decoded<string | null>
  readonly status: Decoded<AccountStatus | null>
  readonly type: Decoded<string | null>
  readonly dateCreated: Decoded<string>
  readonly dateUpdated: Decoded<string>
  readonly uri: Decoded<string>
}

export interface Conference {
  readonly sid: string
  readonly accountSid: string
  readonly friendlyName: Decoded<string | null>
  readonly status: Decoded<ConferenceStatus>
  /** The status as Restcomm spells it. If `status` is `UNKNOWN`, only `statusText` shows the actual status. */
  readonly statusText: Decoded<string>
  readonly dateCreated: Decoded<string>
  readonly dateUpdated: Decoded<string>
  readonly apiVersion: Decoded<string>
  readonly uri: Decoded<string>
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
  readonly muted: Decoded<boolean | null>
  readonly hold: Decoded<boolean | null>
  readonly startConferenceOnEnter: Decoded<boolean | null>
  readonly endConferenceOnExit: Decoded<boolean | null>
  readonly dateCreated: Decoded<string>
  readonly dateUpdated: Decoded<string>
  readonly uri: Decoded<string>
}

export interface ParticipantKey {
  readonly conference: ConferenceKey
  readonly callSid: string
}

export interface Call {
  readonly sid: string
  readonly accountSid: string
  readonly parentCallSid: Decoded<string | null>
  readonly from: Decoded<string | null>
  readonly to: Decoded<string | null>
  readonly callerName: Decoded<string | null>
  readonly forwardedFrom: Decoded<string | null>
  readonly direction: Decoded<CallDirection>
  readonly status: Decoded<CallStatus>
  /** The status as Restcomm spells it. If `status` is `UNKNOWN`, only `statusText` shows the actual status. */
  readonly statusText: Decoded<string>
  readonly answeredBy: Decoded<string | null>
  readonly startTime: Decoded<string | null>
  readonly endTime: Decoded<string | null>
  /** Length of the call in seconds. */
  readonly duration: Decoded<number | null>
  /** Time between ringing and answer in seconds. */
  readonly ringDuration: Decoded<number | null>
  readonly dateCreated: Decoded<string>
  readonly dateUpdated: Decoded<string>
  readonly uri: Decoded<string>
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
  readonly duration: Decoded<number | null>
  readonly fileUri: Decoded<string | null>
  readonly dateCreated: Decoded<string>
  readonly dateUpdated: Decoded<string>
  readonly uri: Decoded<string>
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

/**
 * A `COMPLETED` or `FAILED` conference never changes again and has no participants. A status that cannot be read counts
 * as `UNKNOWN`.
 */
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

/** A finished call never changes again. A status that cannot be read counts as `UNKNOWN`. */
export function isCallOver({ status }: Call): boolean {
  return isReadable(status) && !UNFINISHED_CALL_STATUSES.includes(status)
}
