import type { StateMessage } from '../live/replicaExchange.ts'
import { type Call, type Conference, isCallOver, isConferenceOver, isReadable, SID_PATTERNS } from '../model.ts'
import { DecodingError } from '../restcomm/errors.ts'
import { isCall, isConference } from '../rowValidation.ts'

/** Other programs may write to Redis, so each text from Redis is checked. An invalid text counts as missing. */

export type Message =
  | StateMessage
  | { readonly kind: 'pollNow'; readonly time: number }
  | { readonly kind: 'released'; readonly from: string }

/** Message of the change channel. */
export type Change = { readonly from: string; readonly resources: readonly string[] }

/** Largest state that is published or read: about 15,000 participants. Each replica polls larger states on its own. */
export const MAX_STATE_BYTES = 8_388_608
/** The script adds the kind and the version to a state. */
export const MAX_MESSAGE_BYTES = MAX_STATE_BYTES + 100
/** Longer rows are not cached in Redis. Usual rows have about 500 bytes. */
export const MAX_ROW_BYTES = 65_536
/**
 * The clock of Redis can be set back, so times may be later than the clock. Times beyond this lead are invalid, because a
 * forged late time would outdate all later states.
 */
export const MAX_CLOCK_LEAD_US = 60_000_000
/** Changes kept until Redis is available again. */
export const MAX_UNSENT_CHANGES = 1_000

export interface MessageLimits {
  /** A recent time of Redis, in microseconds. */
  readonly time: number
  /** Longest announced delay until the next poll. */
  readonly maxNextPollMs: number
  readonly acceptsState: (state: unknown) => boolean
}

export function parseMessage(text: string, limits: MessageLimits): Message | null {
  if (text.length > MAX_MESSAGE_BYTES) return null
  const message = parseJson(text, true)
  const isTime = (value: unknown): value is number =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= limits.time + MAX_CLOCK_LEAD_US
  if (message.kind === 'released') {
    return isReplicaId(message.from) ? { kind: 'released', from: message.from } : null
  }
  if (message.kind === 'pollNow') return isTime(message.time) ? { kind: 'pollNow', time: message.time } : null
  const { kind, version, startedAfter, nextPollMs, state } = message
  const isOrdered = isTime(version) && isTime(startedAfter) && startedAfter <= version
  if (kind !== 'state' || !isOrdered || !(typeof nextPollMs === 'number' && nextPollMs >= 0)) return null
  if (!limits.acceptsState(state)) return null
  return { kind, version, startedAfter, nextPollMs: Math.min(nextPollMs, limits.maxNextPollMs), state }
}

const RESOURCE = new RegExp(
  `${SID_PATTERNS.account.source.slice(0, -1)}(?:/${SID_PATTERNS.conference.source.slice(1, -1)})?$`,
)

export function parseChange(text: string): Change | null {
  if (text.length > MAX_MESSAGE_BYTES) return null
  const { from, resources } = parseJson(text)
  const isResource = (value: unknown) => typeof value === 'string' && RESOURCE.test(value)
  if (!isReplicaId(from) || !Array.isArray(resources) || resources.length > 2 * MAX_UNSENT_CHANGES) return null
  return resources.every(isResource) ? { from, resources } : null
}

/** `id` contains the SIDs of the account and of the row. Only rows which never change again are cached. */
export function parseRow(text: string, id: string): Conference | Call | null {
  if (text.length > MAX_ROW_BYTES) return null
  const row: unknown = parseJson(text)
  const isFinal = (isConference(row) && isConferenceOver(row)) || (isCall(row) && isCallOver(row))
  return isFinal && `${row.accountSid}/${row.sid}` === id && Object.values(row).every(isReadable) ? row : null
}

function isReplicaId(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f-]{36}$/.test(value)
}

/** Returns an empty object for a text that is no JSON object. */
function parseJson(text: string, revivesErrors = false): Readonly<Record<string, unknown>> {
  try {
    // A reviver is slow, so the call checks first whether the text can contain an error.
    const revives = revivesErrors && text.includes('{"decodingError":')
    return Object(JSON.parse(text, revives ? reviveDecodingError : undefined))
  } catch {
    return {}
  }
}

/** All messages of decoding errors. Clients see the message, so that a forged text is replaced. */
const DECODING_ERROR = new RegExp(
  '^Restcomm returned an? (?:malformed [a-z ]{1,30}: expected a JSON (?:object|array)|' +
    '[a-z ]{1,30} with an invalid `[a-z_]{1,40}`: expected [A-Za-z0-9 -]{1,30}|' +
    'different [a-z]{1,20} than requested|ended conference without a valid SID or account SID)\\.$',
)
const REPLACED_MESSAGE = 'Restcomm returned a value that cannot be read.'
/** As written by `decodeRow` and `uniqueRows`. */
const ROW_ID = /^(?:-[\da-f]{0,32}(?:-\d{1,9})*)?$/

function reviveDecodingError(_key: string, value: unknown): unknown {
  const { decodingError, rowId } = Object(value) as { readonly decodingError?: unknown; readonly rowId?: unknown }
  if (decodingError === undefined) return value
  const message =
    typeof decodingError === 'string' && DECODING_ERROR.test(decodingError) ? decodingError : REPLACED_MESSAGE
  return new DecodingError(message, typeof rowId === 'string' && ROW_ID.test(rowId) ? rowId : '')
}
