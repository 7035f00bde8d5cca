import type { Account } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { perKeyLoader } from './batch.ts'

/** Loads accounts by SID; null for an unknown account. */
export function createAccountLoader(client: RestcommClient) {
  return perKeyLoader<string, Account | null>('account', client.account, sid => sid)
}
