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
/** A check for each member: one that the model has and this lacks does not compile. */
type Shape<T> = { readonly [K in keyof T]-?: Check }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether something that came from outside, as JSON, is what this version of the gateway means by such a thing. */
const hasShape = <T>(shape: Shape<T>) => {
  const checks = Object.entries<Check>(shape)
  return (value: unknown): value is T => isObject(value) && checks.every(([name, holds]) => holds(value[name]))
}

const text: Check = value => typeof value === 'string'
const optional =
  (check: Check): Check =>
  value =>
    value === null || check(value)
const flag: Check = value => typeof value === 'boolean'
const number: Check = value => typeof value === 'number' && Number.isFinite(value)
const among =
  (words: readonly string[]): Check =>
  value =>
    value === 'UNKNOWN' || words.some(word => word === value)

export const isConference = hasShape<Conference>({
  sid: text,
  accountSid: text,
  friendlyName: optional(text),
  status: among(CONFERENCE_STATUSES),
  statusText: text,
  dateCreated: text,
  dateUpdated: text,
  apiVersion: text,
  uri: text,
})

export const isParticipant = hasShape<Participant>({
  callSid: text,
  accountSid: text,
  conference: hasShape<ConferenceKey>({ accountSid: text, sid: text }),
  muted: optional(flag),
  hold: optional(flag),
  startConferenceOnEnter: optional(flag),
  endConferenceOnExit: optional(flag),
  dateCreated: text,
  dateUpdated: text,
  uri: text,
})

export const isCall = hasShape<Call>({
  sid: text,
  accountSid: text,
  parentCallSid: optional(text),
  from: optional(text),
  to: optional(text),
  callerName: optional(text),
  forwardedFrom: optional(text),
  direction: among(CALL_DIRECTIONS),
  status: among(CALL_STATUSES),
  statusText: text,
  answeredBy: optional(text),
  startTime: optional(text),
  endTime: optional(text),
  duration: optional(number),
  ringDuration: optional(number),
  dateCreated: text,
  dateUpdated: text,
  uri: text,
})
