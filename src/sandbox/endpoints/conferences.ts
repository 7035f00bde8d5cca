import type { Parameters } from '../http/parameters.ts'
import type { SandboxResponse } from '../http/response.ts'
import { HttpError } from '../http/response.ts'
import { nextDay, parseJavaDate } from '../lists/javaDate.ts'
import { applyLimit, assertPageExists, parsePageRequest, slicePage } from '../lists/pageRequest.ts'
import { createLikeMatcher } from '../lists/sqlLike.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { ConferenceRow } from '../rows/rows.ts'
import { toTimestamp } from '../rows/timestamp.ts'
import { encodeConference } from '../wire/conference.ts'
import type { EndpointContext } from './endpointContext.ts'
import { listResponse } from './listResponse.ts'
import { accountInPath, authorizedAccount } from './permissions.ts'
import { isSid } from './sids.ts'

type Condition = (row: Readonly<ConferenceRow>) => boolean

export function listConferences(context: EndpointContext): SandboxResponse {
  const { rows, principal, account, query, settings } = context
  authorizedAccount(rows, principal, accountInPath(rows, account))
  const request = parsePageRequest(query, settings)
  const conditions = settings.dialect === 'cloud' ? cloudConditions(rows, query) : connectConditions(query)
  // Like Restcomm, returns an empty list if the path contains an e-mail address instead of a SID.
  const all = rows.conferencesOf(account)
  const filtered = conditions.length === 0 ? all : all.filter(row => conditions.every(holds => holds(row)))
  const listed = applyLimit(filtered, request)
  assertPageExists(request, listed.length, settings.dialect)
  const page = slicePage(listed, request)
  return listResponse(context, {
    kind: 'conferences',
    request,
    total: listed.length,
    rows: page,
    encode: encodeConference,
  })
}

export function readConference({ rows, principal, account, sid }: EndpointContext): SandboxResponse {
  const target = authorizedAccount(rows, principal, accountInPath(rows, account))
  if (!isSid(sid)) throw new HttpError(500)
  const row = rows.conference(sid)
  if (row === undefined) throw new HttpError(404)
  if (row.account_sid !== target.sid) throw new HttpError(403)
  return { status: 200, json: encodeConference(row), rowsSent: 1 }
}

function commonConditions(query: Parameters): Condition[] {
  const conditions: Condition[] = []
  const status = query.get('Status')
  if (status !== undefined) {
    const isLike = createLikeMatcher(status)
    conditions.push(row => isLike(row.status))
  }
  const name = query.get('FriendlyName')
  if (name !== undefined) {
    const isLike = createLikeMatcher(name)
    conditions.push(row => isLike(row.friendly_name))
  }
  const created = query.get('DateCreated')
  if (created !== undefined) {
    // Like Restcomm, matches the given day and all later days.
    const from = toTimestamp(parseJavaDate(created))
    conditions.push(row => row.date_created >= from)
  }
  return conditions
}

function connectConditions(query: Parameters): Condition[] {
  const conditions = commonConditions(query)
  const updated = query.get('DateUpdated')
  if (updated !== undefined) {
    parseJavaDate(updated)
    // With the default database, Restcomm answers 500 even to a valid date.
    throw new HttpError(500)
  }
  return conditions
}

function cloudConditions(rows: RowStore, query: Parameters): Condition[] {
  const conditions = commonConditions(query)
  const updated = query.get('DateUpdated')
  if (updated !== undefined) {
    const to = toTimestamp(nextDay(parseJavaDate(updated)))
    conditions.push(row => row.date_updated <= to)
  }
  const start = query.get('StartTime')
  if (start !== undefined) {
    const from = toTimestamp(parseJavaDate(start))
    conditions.push(row => row.date_created >= from)
  }
  const end = query.get('EndTime')
  if (end !== undefined) {
    const until = toTimestamp(nextDay(parseJavaDate(end)))
    conditions.push(row => row.date_created <= until)
  }
  const call = query.get('CallSid')
  if (call !== undefined) conditions.push(row => rows.call(call)?.conference_sid === row.sid)
  return conditions
}
