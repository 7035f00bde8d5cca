import type { Account } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { Tracer } from '../tracer.ts'
import { perKeyLoader } from './batch.ts'

/** Loads accounts by SID; null for an unknown account. */
export function createAccountLoader(client: RestcommClient, tracer: Tracer) {
  return perKeyLoader<string, Account | null>({ tracer, label: 'account' }, client.account, sid => sid)
}
