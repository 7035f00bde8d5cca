import DataLoader from 'dataloader'
import type { Call, Participant } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { Trace } from '../tracer.ts'
import type { CallLoader } from './call.ts'
import { settledEach, toldBatch } from './batch.ts'

/** Live legs of conferences, by SID, that are read for others as well. */
export type KnownLegs = Map<string, () => Promise<readonly Call[]>>

/**
 * The call behind a participant; null for an unknown one.
 *
 * Those of several participants of one conference are found by one request for the conference's live legs. A call that
 * it does not show, as one of another account, or one that has just ended, is looked up by itself.
 */
export const participantCallLoader = (client: RestcommClient, calls: CallLoader, known: KnownLegs, trace: Trace) =>
  new DataLoader<Participant, Call | null, string>(
    toldBatch({ trace, noun: 'participant calls' }, async participants => {
      const rooms = Map.groupBy(participants, ({ conference }) => `${conference.accountSid}/${conference.sid}`)
      await Promise.all(Array.from(rooms.values(), room => primeLegs(client, calls, known, room)))
      return settledEach(participants, ({ accountSid, callSid }) => calls.load({ accountSid, sid: callSid }))
    }),
    { cacheKeyFn: ({ accountSid, callSid }) => `${accountSid}/${callSid}` },
  )

const primeLegs = async (
  client: RestcommClient,
  calls: CallLoader,
  known: KnownLegs,
  [first, ...more]: readonly Participant[],
): Promise<void> => {
  if (first === undefined) return
  const read = known.get(first.conference.sid) ?? (more.length > 0 ? () => client.liveCallsOf(first.conference) : null)
  if (read === null) return
  try {
    calls.bring(await read())
  } catch {
    // Each look-up finds out for itself what is wrong, and says so where it was asked for.
  }
}
