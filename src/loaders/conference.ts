import type { Conference, ConferenceKey } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { Trace } from '../tracer.ts'
import { planLookUps, WORTH_A_LIST } from './lookupPlan.ts'
import { RowLoader } from './rowLoader.ts'
import { settledEach, toldBatch } from './batch.ts'

const nameOf = ({ accountSid, sid }: ConferenceKey): string => `${accountSid}/${sid}`

export type ConferenceLoader = ReturnType<typeof conferenceLoader>

/**
 * By owning account and SID; null for an unknown one.
 *
 * Those that are over may be kept from an earlier read. Of the others, Restcomm looks up one at a time. Few are looked up
 * side by side; many of one account are found by reading its list, where that costs less. What the list did not have is
 * looked up after all, so that nothing depends on a list that changes while it is read, and what fails fails alone.
 */
export const conferenceLoader = (client: RestcommClient, trace: Trace) =>
  new RowLoader<ConferenceKey, Conference>(
    toldBatch({ trace, noun: 'conference' }, async keys => {
      const kept = await client.keptConferences(keys)
      const absent = keys.filter((_key, i) => kept[i] === null)
      const accounts = Map.groupBy(absent, ({ accountSid }) => accountSid)
      const listed = await Promise.all(
        Array.from(accounts, ([accountSid, { length }]) => list(client, accountSid, length)),
      )
      const known = [...kept.filter(conference => conference !== null), ...listed.flat()]
      const found = new Map(known.map(conference => [nameOf(conference), conference]))
      return settledEach(keys, async key => found.get(nameOf(key)) ?? client.conference(key))
    }),
    nameOf,
  )

/** The conferences of an account, if reading them all is cheaper than so many look-ups; none otherwise. */
const list = async (client: RestcommClient, accountSid: string, lookUps: number): Promise<readonly Conference[]> => {
  if (lookUps < WORTH_A_LIST) return []
  const conferences = client.conferences(accountSid, {})
  const { maximumPageSize } = conferences
  let plan = planLookUps(lookUps, client.lastLength(accountSid), maximumPageSize)
  try {
    if (plan.by === 'count') plan = planLookUps(lookUps, await conferences.count(null), maximumPageSize)
    if (plan.by !== 'list') return []
    const { pages, size } = plan
    const read = Array.from({ length: pages }, (_, page) => conferences.readPage({ page, size }))
    return (await Promise.all(read)).flatMap(({ rows }) => rows)
  } catch {
    // Each look-up finds out for itself what is wrong, and says so where it was asked for.
    return []
  }
}
