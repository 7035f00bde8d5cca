import type { Parameters } from '../http/parameters.ts'
import type { Reply } from '../http/response.ts'
import { Refusal } from '../http/response.ts'
import { dayAfter, javaDate } from '../lists/javaDate.ts'
import { checkPage, cutPage, pageRequest, withinLimit } from '../lists/pageRequest.ts'
import { like } from '../lists/sqlLike.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { ConferenceRow } from '../rows/rows.ts'
import { timestamp } from '../rows/timestamp.ts'
import { encodeConference } from '../wire/conference.ts'
import type { Exchange } from './endpointContext.ts'
import { listReply } from './listResponse.ts'
import { accountInPath, operatedAccount } from './permissions.ts'
import { isSid } from './sids.ts'

type Condition = (row: Readonly<ConferenceRow>) => boolean

export const listConferences = (exchange: Exchange): Reply => {
  const { rows, caller, account, query, settings } = exchange
  operatedAccount(rows, caller, accountInPath(rows, account))
  const request = pageRequest(query, settings)
  const conditions = settings.dialect === 'cloud' ? cloudConditions(rows, query) : connectConditions(query)
  // The text in the path is compared with the rows as it stands: by e-mail or name the list is empty.
  const all = rows.conferencesOf(account)
  const kept = conditions.length === 0 ? all : all.filter(row => conditions.every(holds => holds(row)))
  const listed = withinLimit(kept, request)
  checkPage(request, listed.length, settings.dialect)
  const page = cutPage(listed, request)
  return listReply(exchange, {
    kind: 'conferences',
    request,
    total: listed.length,
    rows: page,
    encode: encodeConference,
  })
}

export const readConference = ({ rows, caller, account, sid }: Exchange): Reply => {
  const target = operatedAccount(rows, caller, accountInPath(rows, account))
  if (!isSid(sid)) throw new Refusal(500)
  const row = rows.conference(sid)
  if (row === undefined) throw new Refusal(404)
  if (row.account_sid !== target.sid) throw new Refusal(403)
  return { status: 200, json: encodeConference(row), rowsSent: 1 }
}

const sharedConditions = (query: Parameters): Condition[] => {
  const conditions: Condition[] = []
  const status = query.get('Status')
  if (status !== undefined) {
    const isLike = like(status)
    conditions.push(row => isLike(row.status))
  }
  const name = query.get('FriendlyName')
  if (name !== undefined) {
    const isLike = like(name)
    conditions.push(row => isLike(row.friendly_name))
  }
  const created = query.get('DateCreated')
  if (created !== undefined) {
    // Created on this day or later, not on this day.
    const from = timestamp(javaDate(created))
    conditions.push(row => row.date_created >= from)
  }
  return conditions
}

const connectConditions = (query: Parameters): Condition[] => {
  const conditions = sharedConditions(query)
  const updated = query.get('DateUpdated')
  if (updated !== undefined) {
    javaDate(updated)
    // A date that can be read leads to a query that the database it ships with refuses.
    throw new Refusal(500)
  }
  return conditions
}

const cloudConditions = (rows: RowStore, query: Parameters): Condition[] => {
  const conditions = sharedConditions(query)
  const updated = query.get('DateUpdated')
  if (updated !== undefined) {
    const until = timestamp(dayAfter(javaDate(updated)))
    conditions.push(row => row.date_updated <= until)
  }
  const start = query.get('StartTime')
  if (start !== undefined) {
    const from = timestamp(javaDate(start))
    conditions.push(row => row.date_created >= from)
  }
  const end = query.get('EndTime')
  if (end !== undefined) {
    const until = timestamp(dayAfter(javaDate(end)))
    conditions.push(row => row.date_created <= until)
  }
  const call = query.get('CallSid')
  if (call !== undefined) conditions.push(row => rows.call(call)?.conference_sid === row.sid)
  return conditions
}
