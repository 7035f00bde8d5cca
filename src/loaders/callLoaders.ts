import type { Call, CallKey, Recording } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { Tracer } from '../tracer.ts'
import { perKeyLoader, settleAll, tracedBatch } from './batch.ts'
import { RowLoader } from './rowLoader.ts'

function cacheKey({ accountSid, sid }: CallKey): string {
  return `${accountSid}/${sid}`
}

/** Loads calls by account and SID; null for an unknown call. */
export function createCallLoader(client: RestcommClient, tracer: Tracer) {
  return new RowLoader<CallKey, Call>(
    tracedBatch({ tracer, label: 'call' }, keys => settleAll(keys, client.call)),
    cacheKey,
  )
}

/** Loads the recordings of a call; empty for an unknown call. */
export function createRecordingsLoader(client: RestcommClient, tracer: Tracer) {
  return perKeyLoader<CallKey, readonly Recording[]>({ tracer, label: 'recordings' }, client.recordings, cacheKey)
}

export type CallLoader = ReturnType<typeof createCallLoader>
