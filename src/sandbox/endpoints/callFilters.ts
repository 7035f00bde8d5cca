import type { Parameters } from '../http/parameters.ts'
import { dayAfter, javaDate } from '../lists/javaDate.ts'
import { isPattern, like } from '../lists/sqlLike.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { AccountRow, CallRow } from '../rows/rows.ts'
import { timestamp } from '../rows/timestamp.ts'
import type { CallOrder } from './callOrder.ts'

type Condition = (row: Readonly<CallRow>) => boolean

const LIKE_COLUMNS = {
  Status: row => row.status,
  From: row => row.sender,
  To: row => row.recipient,
  ParentCallSid: row => row.parent_call_sid,
  ConferenceSid: row => row.conference_sid,
} as const satisfies Record<string, (row: Readonly<CallRow>) => string | null>

/** Every text is a LIKE pattern; a number need only match at its end. */
export const callConditions = (query: Parameters): Condition[] => {
  const conditions: Condition[] = []
  for (const [parameter, column] of Object.entries(LIKE_COLUMNS)) {
    const text = query.get(parameter)
    if (text === undefined) continue
    const isLike = like(parameter === 'From' || parameter === 'To' ? `%${text}` : text)
    conditions.push(row => isLike(column(row)))
  }
  const start = query.get('StartTime')
  if (start !== undefined) {
    const from = timestamp(javaDate(start))
    conditions.push(row => row.start_time !== null && row.start_time >= from)
  }
  const end = query.get('EndTime')
  if (end !== undefined) {
    const until = timestamp(dayAfter(javaDate(end)))
    conditions.push(row => row.end_time !== null && row.end_time <= until)
  }
  return conditions
}

/** The smallest kept list that holds every call asked for, and whether it already stands in the order asked for. */
export const candidateCalls = (
  rows: RowStore,
  account: string,
  target: Readonly<AccountRow>,
  query: Parameters,
  order: CallOrder,
): { rows: readonly Readonly<CallRow>[]; inOrder: boolean } => {
  const scope = query.get('SubAccounts') === 'true' ? withDescendants(rows, target.sid) : new Set([account])
  const conference = query.get('ConferenceSid')
  if (conference !== undefined && !isPattern(conference)) {
    return { rows: rows.callsIn(conference).filter(row => scope.has(row.account_sid)), inOrder: false }
  }
  const [only = account] = scope
  if (scope.size > 1) return { rows: [...scope].flatMap(sid => rows.callsOf(sid)), inOrder: false }
  if (order.field !== 'DateCreated') return { rows: rows.callsOf(only), inOrder: false }
  return { rows: rows.callsOf(only, order.descending ? 'newest' : 'oldest'), inOrder: true }
}

const withDescendants = (rows: RowStore, sid: string): Set<string> => {
  const children = Map.groupBy(rows.accounts(), account => account.parent_sid)
  const scope = new Set([sid])
  // A set hands out what is added to it while it is walked.
  for (const parent of scope) for (const child of children.get(parent) ?? []) scope.add(child.sid)
  return scope
}
