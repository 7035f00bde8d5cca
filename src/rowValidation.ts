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

const RFC_3339_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/
const MAX_INTEGER = 2_147_483_647

const isText: Check = value => typeof value === 'string'
const isBoolean: Check = value => typeof value === 'boolean'
const isInteger: Check = value => Number.isInteger(value) && Math.abs(value as number) <= MAX_INTEGER
const isDate: Check = value =>
  typeof value === 'string' && RFC_3339_DATE.test(value) && Number.isFinite(Date.parse(value))

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

const CONFERENCE_KEY: Checks<ConferenceKey> = { sid: isSid('conference'), accountSid: isSid('account') }

const PARTICIPANT: Checks<Participant> = {
  callSid: isSid('call'),
  accountSid: isSid('account'),
  conference: value => hasFields(CONFERENCE_KEY, value),
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

export function isParticipant(value: unknown): value is Participant {
  return hasFields(PARTICIPANT, value)
}

export function isCall(value: unknown): value is Call {
  return hasFields(CALL, value)
}

/** Whether the value is an object with exactly these fields, each accepted by its check. */
export function hasFields<T>(checks: Checks<T>, value: unknown): value is T {
  if (typeof value !== 'object' || value === null || value instanceof Error) return false
  const fields = Object.entries(value)
  return (
    fields.length === Object.keys(checks).length &&
    fields.every(([name, member]) => Object.hasOwn(checks, name) && checks[name as keyof T](member))
  )
}
