import type { Call, CallKey, Recording } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { perKeyLoader, settleAll, tracedBatch } from './batch.ts'
import { RowLoader } from './rowLoader.ts'

function cacheKey({ accountSid, sid }: CallKey): string {
  return `${accountSid}/${sid}`
}

/** Loads calls by account and SID; null for an unknown call. */
export function createCallLoader(client: RestcommClient) {
  return new RowLoader<CallKey, Call>(
    tracedBatch('call', keys => settleAll(keys, client.call)),
    cacheKey,
  )
}

/** Loads the recordings of a call; empty for an unknown call. */
export function createRecordingsLoader(client: RestcommClient) {
  return perKeyLoader<CallKey, readonly Recording[]>('recordings', client.recordings, cacheKey)
}

export type CallLoader = ReturnType<typeof createCallLoader>
