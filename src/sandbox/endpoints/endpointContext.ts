import type { Parameters } from '../http/parameters.ts'
import type { Reply } from '../http/response.ts'
import type { ForeignEnvelopes } from '../lists/envelopeRace.ts'
import type { ListSettings } from '../lists/pageRequest.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { AccountRow } from '../rows/rows.ts'

/** One request as an endpoint sees it, when it is known who asks and what for. */
export interface Exchange {
  rows: RowStore
  caller: Readonly<AccountRow>
  /** The account in the path, as it was written there. */
  account: string
  /** The last SID in the path, or the conference of a participants list; empty where the path has none. */
  sid: string
  /** The path as envelopes name it. */
  uri: string
  query: Parameters
  form: Parameters
  settings: ListSettings
  race: ForeignEnvelopes
}

export type Endpoint = (exchange: Exchange) => Reply
