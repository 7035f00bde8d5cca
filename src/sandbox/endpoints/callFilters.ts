import type { Parameters } from '../http/parameters.ts'
import { nextDay, parseJavaDate } from '../lists/javaDate.ts'
import { createLikeMatcher, hasWildcard } from '../lists/sqlLike.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { AccountRow, CallRow } from '../rows/rows.ts'
import { toTimestamp } from '../rows/timestamp.ts'
import type { CallOrder } from './callOrder.ts'

type Condition = (row: Readonly<CallRow>) => boolean

const LIKE_COLUMNS = {
  Status: row => row.status,
  From: row => row.sender,
  To: row => row.recipient,
  ParentCallSid: row => row.parent_call_sid,
  ConferenceSid: row => row.conference_sid,
} as const satisfies Record<string, (row: Readonly<CallRow>) => string | null>

/** Like in Restcomm, text filters are SQL LIKE patterns. From and To match the end of a phone number. */
export function callConditions(query: Parameters): Condition[] {
  const conditions: Condition[] = []
  for (const [parameter, column] of Object.entries(LIKE_COLUMNS)) {
    const text = query.get(parameter)
    if (text === undefined) continue
    const isLike = createLikeMatcher(parameter === 'From' || parameter === 'To' ? `%${text}` : text)
    conditions.push(row => isLike(column(row)))
  }
  const start = query.get('StartTime')
  if (start !== undefined) {
    const from = toTimestamp(parseJavaDate(start))
    conditions.push(row => row.start_time !== null && row.start_time >= from)
  }
  const end = query.get('EndTime')
  if (end !== undefined) {
    const to = toTimestamp(nextDay(parseJavaDate(end)))
    conditions.push(row => row.end_time !== null && row.end_time <= to)
  }
  return conditions
}

/** Preselects calls by an index. The caller must apply the filters, and must sort if `hasRequestedOrder` is false. */
export function candidateCalls(
  rows: RowStore,
  account: string,
  target: Readonly<AccountRow>,
  query: Parameters,
  order: CallOrder,
): { rows: readonly Readonly<CallRow>[]; hasRequestedOrder: boolean } {
  const scope = query.get('SubAccounts') === 'true' ? withDescendants(rows, target.sid) : new Set([account])
  const conference = query.get('ConferenceSid')
  if (conference !== undefined && !hasWildcard(conference)) {
    return { rows: rows.callsIn(conference).filter(row => scope.has(row.account_sid)), hasRequestedOrder: false }
  }
  const [only = account] = scope
  if (scope.size > 1) return { rows: [...scope].flatMap(sid => rows.callsOf(sid)), hasRequestedOrder: false }
  if (order.field !== 'DateCreated') return { rows: rows.callsOf(only), hasRequestedOrder: false }
  return { rows: rows.callsOf(only, order.descending ? 'newest' : 'oldest'), hasRequestedOrder: true }
}

function withDescendants(rows: RowStore, sid: string): Set<string> {
  const children = Map.groupBy(rows.accounts(), account => account.parent_sid)
  const scope = new Set([sid])
  // A loop over a Set visits the values added during the loop. So all descendants are added.
  for (const parent of scope) for (const child of children.get(parent) ?? []) scope.add(child.sid)
  return scope
}
