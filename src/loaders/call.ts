import type { Call, CallKey, Recording } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { Trace } from '../tracer.ts'
import { RowLoader } from './rowLoader.ts'
import { eachAlone, settledEach, toldBatch } from './batch.ts'

const nameOf = ({ accountSid, sid }: CallKey): string => `${accountSid}/${sid}`

/** By owning account and SID; null for an unknown one. */
export const callLoader = (client: RestcommClient, trace: Trace) =>
  new RowLoader<CallKey, Call>(
    toldBatch({ trace, noun: 'call' }, keys => settledEach(keys, client.call)),
    nameOf,
  )

/** What was recorded of a call; empty for an unknown one. */
export const recordingsLoader = (client: RestcommClient, trace: Trace) =>
  eachAlone<CallKey, readonly Recording[]>({ trace, noun: 'recordings' }, client.recordings, nameOf)

export type CallLoader = ReturnType<typeof callLoader>
