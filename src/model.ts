/**
 * What the gateway knows of Restcomm's objects, checked and under the graph's names.
 * Moments are RFC 3339 texts with the offset that Restcomm gave.
 */

/** How SIDs are written. */
export const SID_FORMS = {
  account: /^AC[A-Za-z0-9]{32}$/,
  conference: /^CF[A-Za-z0-9]{32}$/,
  call: /^(?:CA[A-Za-z0-9]{32}|ID[A-Za-z0-9]{32}-CA[A-Za-z0-9]{32})$/,
  recording: /^RE[A-Za-z0-9]{32}$/,
} as const

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
  /** Restcomm's own word, also where `status` is `UNKNOWN`. */
  readonly statusText: string
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly apiVersion: string
  readonly uri: string
}

/** Names a conference for a look-up: Restcomm answers for the owning account only. */
export interface ConferenceKey {
  readonly accountSid: string
  readonly sid: string
}

export interface Participant {
  readonly callSid: string
  /** The account of the call, which need not be the account of the conference. */
  readonly accountSid: string
  /** The conference in whose list the participant was found. Restcomm's own member of that name is something else. */
  readonly conference: ConferenceKey
  readonly muted: boolean | null
  readonly hold: boolean | null
  readonly startConferenceOnEnter: boolean | null
  readonly endConferenceOnExit: boolean | null
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly uri: string
}

/** Names a participant: a call, and the conference in whose list it is looked for. */
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
  /** Restcomm's own word, also where `status` is `UNKNOWN`. */
  readonly statusText: string
  readonly answeredBy: string | null
  readonly startTime: string | null
  readonly endTime: string | null
  /** Seconds. */
  readonly duration: number | null
  /** Seconds. */
  readonly ringDuration: number | null
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly uri: string
}

/** Names a call for a look-up: Restcomm answers for the owning account only. */
export interface CallKey {
  readonly accountSid: string
  readonly sid: string
}

/** Names a recording: Restcomm lists them by call. */
export interface RecordingKey {
  readonly call: CallKey
  readonly sid: string
}

export interface Recording {
  readonly sid: string
  readonly accountSid: string
  readonly callSid: string
  /** Seconds. */
  readonly duration: number | null
  readonly fileUri: string | null
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly uri: string
}

/** Conditions on a list of conferences, all of them optional; days are `YYYY-MM-DD`. */
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

/** A `COMPLETED` or `FAILED` conference never changes again, and has no participants. */
export const isFinal = (conference: Conference): boolean =>
  conference.status === 'COMPLETED' || conference.status === 'FAILED'

const FINAL_CALL_STATUSES: ReadonlySet<CallStatus> = new Set([
  'COMPLETED',
  'CANCELED',
  'BUSY',
  'FAILED',
  'NO_ANSWER',
  'NOT_FOUND',
])

/** A call that is over never changes again. */
export const isOver = (call: Call): boolean => FINAL_CALL_STATUSES.has(call.status)
