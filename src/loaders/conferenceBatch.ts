import type { ConferenceKey } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { PageRequest } from '../restcomm/paging/envelope.ts'
import { loadEach } from './rowLoader.ts'

/** Cost of a row in a list response, relative to the cost of a request: 50 rows cost as much as a request. */
const ROW_COST_REQUESTS = 0.02
/** A list must cost less than half of the single lookups, because single lookups run in parallel. */
const MAX_LIST_COST_SHARE = 0.5
const MIN_KEYS_FOR_LIST = 8

/** Returns the pages of the whole list if cheaper than single lookups; otherwise no pages. */
export function planListPages(keyCount: number, listLength: number, maxPageSize: number): readonly PageRequest[] {
  // Requests one row more than the list has, so that the last page is short and shows the end of the list.
  const rows = listLength + 1
  const pageCount = Math.max(1, Math.ceil(rows / maxPageSize))
  const listCost = pageCount + ROW_COST_REQUESTS * rows
  if (listCost >= MAX_LIST_COST_SHARE * keyCount) return []
  return Array.from({ length: pageCount }, (_, page) => ({ page, size: Math.min(rows, maxPageSize) }))
}

/**
 * Loads conferences by account and SID; null for an unknown conference. If cheaper than single lookups, the whole list
 * of an account is read first. Conferences missing from the list are looked up singly.
 */
export async function loadConferences(client: RestcommClient, keys: readonly ConferenceKey[]) {
  if (keys.length < MIN_KEYS_FOR_LIST) return loadEach(keys, key => client.conference(key))
  const cached = await client.cachedConferences(keys)
  const uncachedKeys = keys.filter((_key, i) => cached[i] === null)
  const keysByAccount = Map.groupBy(uncachedKeys, ({ accountSid }) => accountSid)
  const listed = await Promise.all(
    Array.from(keysByAccount, ([accountSid, { length }]) => readListIfCheaper(client, accountSid, length)),
  )
  const conferences = [...cached.filter(conference => conference !== null), ...listed.flat()]
  const byId = new Map(conferences.map(conference => [rowId(conference), conference]))
  return loadEach(keys, async key => byId.get(rowId(key)) ?? client.conference(key))
}

export function rowId({ accountSid, sid }: ConferenceKey): string {
  return `${accountSid}/${sid}`
}

/** If cheaper than `lookupCount` single lookups, returns all conferences of the account, otherwise an empty list. */
async function readListIfCheaper(client: RestcommClient, accountSid: string, lookupCount: number) {
  if (lookupCount < MIN_KEYS_FOR_LIST) return []
  const list = client.conferences(accountSid, {})
  try {
    const pages = planListPages(lookupCount, list.lastLength ?? (await list.total()), list.maxPageSize)
    return (await Promise.all(pages.map(page => list.read(page)))).flatMap(({ rows }) => rows)
  } catch {
    // Ignores the error, because the caller then looks up each conference singly.
    return []
  }
}
