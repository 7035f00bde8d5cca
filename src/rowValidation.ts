import {
  CALL_DIRECTIONS,
  CALL_STATUSES,
  type Call,
  CONFERENCE_STATUSES,
  type Conference,
  type ConferenceKey,
  type Participant,
  SID_PATTERNS,
} from './model.ts'
import { DecodingError } from './restcomm/errors.ts'

/** Checks of rows that do not come from Restcomm. A row must have exactly the fields of its type. */

type Check = (value: unknown) => boolean
type Checks<T> = { readonly [field in keyof Required<T>]: Check }

/** Ranges instead of `Date.parse`, which takes longer than all other checks of a row. */
const RFC_3339_DATE =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/
const MAX_INTEGER = 2_147_483_647

const isText: Check = value => typeof value === 'string'
const isBoolean: Check = value => typeof value === 'boolean'
const isInteger: Check = value => Number.isInteger(value) && Math.abs(value as number) <= MAX_INTEGER
const isDate: Check = value => typeof value === 'string' && RFC_3339_DATE.test(value)

function isSid(kind: keyof typeof SID_PATTERNS): Check {
  return value => typeof value === 'string' && SID_PATTERNS[kind].test(value)
}

function isEnum(values: readonly string[]): Check {
  return value => value === 'UNKNOWN' || values.includes(value as string)
}

/** A value that Restcomm can omit. */
function optional(check: Check): Check {
  return value => value === null || check(value)
}

/** A value of the type `Decoded`. */
function decoded(check: Check): Check {
  return value => value instanceof DecodingError || check(value)
}

const text = decoded(isText)
const optionalText = decoded(optional(isText))
const date = decoded(isDate)
const optionalFlag = decoded(optional(isBoolean))
const optionalInteger = decoded(optional(isInteger))

const CONFERENCE: Checks<Conference> = {
  sid: isSid('conference'),
  accountSid: isSid('account'),
  friendlyName: optionalText,
  status: decoded(isEnum(CONFERENCE_STATUSES)),
  statusText: text,
  dateCreated: date,
  dateUpdated: date,
  apiVersion: text,
  uri: text,
}

const PARTICIPANT: Checks<Omit<Participant, 'conference'>> = {
  callSid: isSid('call'),
  accountSid: isSid('account'),
  muted: optionalFlag,
  hold: optionalFlag,
  startConferenceOnEnter: optionalFlag,
  endConferenceOnExit: optionalFlag,
  dateCreated: date,
  dateUpdated: date,
  uri: text,
}

const CALL: Checks<Call> = {
  sid: isSid('call'),
  accountSid: isSid('account'),
  parentCallSid: decoded(optional(isSid('call'))),
  from: optionalText,
  to: optionalText,
  callerName: optionalText,
  forwardedFrom: optionalText,
  direction: decoded(isEnum(CALL_DIRECTIONS)),
  status: decoded(isEnum(CALL_STATUSES)),
  statusText: text,
  answeredBy: optionalText,
  startTime: decoded(optional(isDate)),
  endTime: decoded(optional(isDate)),
  duration: optionalInteger,
  ringDuration: optionalInteger,
  dateCreated: date,
  dateUpdated: date,
  uri: text,
}

export function isConference(value: unknown): value is Conference {
  return hasFields(CONFERENCE, value)
}

/** Returns a check for participants of the conference. */
export function participantOf({ accountSid, sid }: ConferenceKey): (value: unknown) => value is Participant {
  const key: Checks<ConferenceKey> = { accountSid: value => value === accountSid, sid: value => value === sid }
  const participant: Checks<Participant> = { ...PARTICIPANT, conference: value => hasFields(key, value) }
  return value => hasFields(participant, value)
}

export function isCall(value: unknown): value is Call {
  return hasFields(CALL, value)
}

/** Whether the value is an object with exactly these fields. No check accepts `undefined`, the value of a missing field. */
export function hasFields<T>(checks: Checks<T>, value: unknown): value is T {
  if (typeof value !== 'object' || value === null || value instanceof Error) return false
  let count = 0
  // States have thousands of rows, so the loop creates no arrays of entries.
  for (const field in checks) {
    if (!checks[field]((value as { readonly [name in keyof T]?: unknown })[field])) return false
    count++
  }
  return Object.keys(value).length === count
}
