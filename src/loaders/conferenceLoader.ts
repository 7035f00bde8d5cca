import type { Conference, ConferenceKey } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { settleAll, tracedBatch } from './batch.ts'
import { MIN_KEYS_FOR_LIST, planLookups } from './lookupPlan.ts'
import { RowLoader } from './rowLoader.ts'

function cacheKey({ accountSid, sid }: ConferenceKey): string {
  return `${accountSid}/${sid}`
}

export type ConferenceLoader = ReturnType<typeof createConferenceLoader>

/**
 * Loads conferences by account and SID; null for an unknown conference. If cheaper than single lookups, the whole list
 * of an account is read first. Conferences missing from the list are looked up singly.
 */
export function createConferenceLoader(client: RestcommClient) {
  return new RowLoader<ConferenceKey, Conference>(
    tracedBatch('conference', async keys => {
      const cached = await client.cachedConferences(keys)
      const uncachedKeys = keys.filter((_key, i) => cached[i] === null)
      const keysByAccount = Map.groupBy(uncachedKeys, ({ accountSid }) => accountSid)
      const listed = await Promise.all(
        Array.from(keysByAccount, ([accountSid, { length }]) => readListIfCheaper(client, accountSid, length)),
      )
      const conferences = [...cached.filter(conference => conference !== null), ...listed.flat()]
      const byKey = new Map(conferences.map(conference => [cacheKey(conference), conference]))
      return settleAll(keys, async key => byKey.get(cacheKey(key)) ?? client.conference(key))
    }),
    cacheKey,
  )
}

/** If cheaper than `lookupCount` single lookups, returns all conferences of the account, otherwise an empty list. */
async function readListIfCheaper(
  client: RestcommClient,
  accountSid: string,
  lookupCount: number,
): Promise<readonly Conference[]> {
  if (lookupCount < MIN_KEYS_FOR_LIST) return []
  const list = client.conferences(accountSid, {})
  const { maxPageSize } = list
  let plan = planLookups(lookupCount, client.lastConferenceCount(accountSid), maxPageSize)
  try {
    if (plan.strategy === 'count') plan = planLookups(lookupCount, await list.count(null), maxPageSize)
    if (plan.strategy !== 'list') return []
    const { pageCount, pageSize } = plan
    const reads = Array.from({ length: pageCount }, (_, page) => list.readPage({ page, size: pageSize }))
    return (await Promise.all(reads)).flatMap(({ rows }) => rows)
  } catch {
    // Ignores the error, because the caller then looks up each conference singly.
    return []
  }
}
