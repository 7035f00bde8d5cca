import type { Parameters } from '../http/parameters.ts'
import type { SandboxResponse } from '../http/response.ts'
import type { EnvelopeMismatchSimulator } from '../lists/envelopeMismatchSimulator.ts'
import type { ListSettings } from '../lists/pageRequest.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { AccountRow } from '../rows/rows.ts'

/** An authenticated and routed request. */
export interface EndpointContext {
  rows: RowStore
  principal: Readonly<AccountRow>
  /** The account segment of the path: a SID, an e-mail address or a friendly name. */
  account: string
  /** The last SID in the path. Empty if the path has no SID after the account. */
  sid: string
  /** The value of `uri` in the envelope of a list. */
  uri: string
  query: Parameters
  form: Parameters
  settings: ListSettings
  mismatchSimulator: EnvelopeMismatchSimulator
}

export type Endpoint = (context: EndpointContext) => SandboxResponse
