import DataLoader from 'dataloader'
import type { Call, Participant } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { settleAll, tracedBatch } from './batch.ts'
import type { CallLoader } from './callLoaders.ts'

/** Maps a conference SID to a function for reading the active calls of the conference. */
export type PrefetchedCalls = Map<string, () => Promise<readonly Call[]>>

/**
 * Loads the call of a participant; null for an unknown call. If a conference has several participants in the batch, a
 * single request reads the active calls. Calls missing in the response are looked up singly.
 */
export function createParticipantCallLoader(client: RestcommClient, calls: CallLoader, prefetched: PrefetchedCalls) {
  return new DataLoader<Participant, Call | null, string>(
    tracedBatch('participant calls', async participants => {
      const byConference = Map.groupBy(participants, ({ conference }) => `${conference.accountSid}/${conference.sid}`)
      await Promise.all(Array.from(byConference.values(), group => primeActiveCalls(client, calls, prefetched, group)))
      return settleAll(participants, ({ accountSid, callSid }) => calls.load({ accountSid, sid: callSid }))
    }),
    { cacheKeyFn: ({ accountSid, callSid }) => `${accountSid}/${callSid}` },
  )
}

async function primeActiveCalls(
  client: RestcommClient,
  calls: CallLoader,
  prefetched: PrefetchedCalls,
  [first, ...rest]: readonly Participant[],
): Promise<void> {
  if (first === undefined) return
  const { conference } = first
  const read = prefetched.get(conference.sid) ?? (rest.length > 0 ? () => client.activeCalls(conference) : null)
  if (read === null) return
  try {
    calls.prime(await read())
  } catch {
    // Ignores the error, because the caller then looks up each call singly.
  }
}
