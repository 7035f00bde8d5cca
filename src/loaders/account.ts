import type { Account } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { Trace } from '../tracer.ts'
import { eachAlone } from './batch.ts'

/** By SID; null for an unknown one. */
export const accountLoader = (client: RestcommClient, trace: Trace) =>
  eachAlone<string, Account | null>({ trace, noun: 'account' }, client.account, sid => sid)
