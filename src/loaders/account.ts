import type { Account } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { eachAlone } from './settledEach.ts'

/** By SID; null for an unknown one. */
export const accountLoader = (client: RestcommClient) => eachAlone<string, Account | null>(client.account, sid => sid)
