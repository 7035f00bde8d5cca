import { type ConferenceKey, type Decoded, isReadable, type Participant } from '../../model.ts'
import type { AuthorizedHttp, ListHttp } from '../authorizedHttp.ts'
import {
  asArray,
  asObject,
  boolean,
  dateTime,
  decodeRow,
  identity,
  type JsonObject,
  optional,
  string,
} from '../decode.ts'
import { type DecodingError, RestcommError, uniqueRows } from '../errors.ts'
import { dialectOf, type Envelope, matchesPath } from '../paging/envelope.ts'
import { conferencePath } from './conferences.ts'

export function decodeParticipant(value: unknown, conference: ConferenceKey): Participant {
  const json = asObject('participant', value)
  return {
    callSid: identity(json, 'sid', 'call'),
    accountSid: identity(json, 'account_sid', 'account'),
    conference,
    muted: optional(json, 'muted', boolean),
    hold: optional(json, 'hold', boolean),
    startConferenceOnEnter: optional(json, 'start_conference_on_enter', boolean),
    endConferenceOnExit: endConferenceOnExit(json),
    dateCreated: dateTime(json, 'date_created'),
    dateUpdated: dateTime(json, 'date_updated'),
    uri: string(json, 'uri'),
  }
}

/** Connect returns EndConferenceOnExit under the wrong name `end_conference_on_enter`. */
function endConferenceOnExit(json: JsonObject): Decoded<boolean> | null {
  return optional(json, 'end_conference_on_exit', boolean) ?? optional(json, 'end_conference_on_enter', boolean)
}

/** Stops the read if a server returns new rows endlessly. */
const MAX_PAGES = 1_000
/** Limits the reads of a first page with a wrong envelope, and the reads of a list with missed rows. */
const MAX_ATTEMPTS = 3

/**
 * The conference must be read first with the same credentials, because Restcomm checks no permission for participants.
 * Connect returns all participants for any page number, so further pages are read only if the first page has exactly
 * `page_size` rows and `total` is larger. If a call has several rows, keeps the last row.
 */
export async function readParticipants(
  http: ListHttp,
  conference: ConferenceKey,
  attempt = 1,
): Promise<readonly (Participant | DecodingError)[]> {
  const path = `${conferencePath(conference)}/Participants`
  let first = decodePage(await http.get('participants', path))
  for (let read = 1; read < MAX_ATTEMPTS && !matchesPath(first.envelope, path); read++) {
    if (!http.tryConsumeEnvelopeRetry('participants')) break
    first = decodePage(await http.get('participants', path))
  }
  const decodeAll = (rows: readonly unknown[]) =>
    rows.map(row => decodeRow(row, value => decodeParticipant(value, conference)))
  const participants = decodeAll(first.rows)
  const knownIds = new Set(participants.map(idOf))
  const size = pageSizeIfPaged(first.envelope, path, first.rows.length)
  let isGapless = true
  let hasMore = first.rows.length > 0 && first.rows.length === size
  for (let page = 1; hasMore && page < MAX_PAGES; page++) {
    const query = new URLSearchParams({ Page: String(page), PageSize: String(size) })
    const { rows, total } = await fetchPageOrEmpty(http, path, query)
    if (total !== null && total !== first.envelope.total) isGapless = false
    const added = decodeAll(rows)
    const isRepeated = rows.length === size && added.every(row => knownIds.has(idOf(row)))
    // Rows without a valid identity can be equal, so if a page has no other rows, only the total shows a repetition.
    const isBelowTotal = typeof total === 'number' && page * rows.length < total
    hasMore = rows.length === size && (!isRepeated || (isBelowTotal && !added.some(isReadable)))
    if (isRepeated && !hasMore) break
    participants.push(...added)
    for (const row of added) knownIds.add(idOf(row))
  }
  // If a participant leaves during the read, a later row can move to a page already read: read the list again.
  if (!isGapless && attempt < MAX_ATTEMPTS) return readParticipants(http, conference, attempt + 1)
  return uniqueRows(participants, idOf)
}

function idOf(row: Participant | DecodingError): string {
  return isReadable(row) ? row.callSid : row.rowId
}

/** Returns the page size if more pages may follow, otherwise null. If a cloud envelope is wrong, assumes `rowCount`. */
function pageSizeIfPaged(envelope: Envelope, path: string, rowCount: number): number | null {
  const { total, page_size: size } = envelope
  if (!matchesPath(envelope, path)) return dialectOf(envelope) === 'cloud' && rowCount > 0 ? rowCount : null
  return typeof size === 'number' && typeof total === 'number' && total > size ? size : null
}

function decodePage(response: unknown) {
  const { members: envelope } = asObject('list of participants', response)
  return { envelope, rows: asArray('list of participants', envelope.calls) }
}

/** Restcomm rejects page numbers past the end with status 400, so a rejected page counts as empty. */
async function fetchPageOrEmpty(http: ListHttp, path: string, query: URLSearchParams) {
  try {
    const { rows, envelope } = decodePage(await http.get('participants', path, query))
    return { rows, total: matchesPath(envelope, path) ? envelope.total : null }
  } catch (error) {
    if (error instanceof RestcommError && error.failure === 'rejected') return { rows: [], total: null }
    throw error
  }
}

/**
 * The path contains the account of the call, not of the conference. Status 406 means an unknown call, 400 a call of a
 * different account, and 500 an ended call.
 */
export function postMute(http: AuthorizedHttp, { accountSid, conference, callSid }: Participant, muted: boolean) {
  const path = `${conferencePath({ accountSid, sid: conference.sid })}/Participants/${encodeURIComponent(callSid)}`
  return http.post('participant', path, new URLSearchParams({ Mute: String(muted) }))
}
