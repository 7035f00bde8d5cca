import {
  CALL_DIRECTIONS,
  CALL_STATUSES,
  type Call,
  CONFERENCE_STATUSES,
  type Conference,
  type ConferenceKey,
  type Participant,
} from './model.ts'

type Check = (value: unknown) => boolean
/** Requires a check for every property, so a property added to the model without a check does not compile. */
type MemberChecks<T> = { readonly [K in keyof T]-?: Check }

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Creates a guard for JSON that a different gateway version may have written. Additional properties are accepted. */
function guardFor<T>(memberChecks: MemberChecks<T>) {
  const checks = Object.entries<Check>(memberChecks)
  return (value: unknown): value is T => isObject(value) && checks.every(([name, isValid]) => isValid(value[name]))
}

const isString: Check = value => typeof value === 'string'
const nullOr =
  (check: Check): Check =>
  value =>
    value === null || check(value)
const isBoolean: Check = value => typeof value === 'boolean'
const isFiniteNumber: Check = value => typeof value === 'number' && Number.isFinite(value)
const isOneOf =
  (values: readonly string[]): Check =>
  value =>
    value === 'UNKNOWN' || values.some(allowed => allowed === value)

export const isConference = guardFor<Conference>({
  sid: isString,
  accountSid: isString,
  friendlyName: nullOr(isString),
  status: isOneOf(CONFERENCE_STATUSES),
  statusText: isString,
  dateCreated: isString,
  dateUpdated: isString,
  apiVersion: isString,
  uri: isString,
})

export const isParticipant = guardFor<Participant>({
  callSid: isString,
  accountSid: isString,
  conference: guardFor<ConferenceKey>({ accountSid: isString, sid: isString }),
  muted: nullOr(isBoolean),
  hold: nullOr(isBoolean),
  startConferenceOnEnter: nullOr(isBoolean),
  endConferenceOnExit: nullOr(isBoolean),
  dateCreated: isString,
  dateUpdated: isString,
  uri: isString,
})

export const isCall = guardFor<Call>({
  sid: isString,
  accountSid: isString,
  parentCallSid: nullOr(isString),
  from: nullOr(isString),
  to: nullOr(isString),
  callerName: nullOr(isString),
  forwardedFrom: nullOr(isString),
  direction: isOneOf(CALL_DIRECTIONS),
  status: isOneOf(CALL_STATUSES),
  statusText: isString,
  answeredBy: nullOr(isString),
  startTime: nullOr(isString),
  endTime: nullOr(isString),
  duration: nullOr(isFiniteNumber),
  ringDuration: nullOr(isFiniteNumber),
  dateCreated: isString,
  dateUpdated: isString,
  uri: isString,
})
