import type { Context } from '../context.ts'
import type { Cancellation } from '../restcomm/cancellation.ts'
import type { Operation } from '../observability/operationRecorder.ts'

/** What either door, HTTP or WebSocket, knows of a request before the graph is asked. */
export interface ServerContext {
  /** The same in the response's header, in its errors, in the log and upstream. */
  readonly requestId: string
  /** As it came, unchecked; null where there is none. */
  readonly authorization: string | null
  /** Whether the answer says what the query cost, for clients that cannot ask for it in `extensions`. */
  readonly asksForCost: boolean
  /** Cancelled when the client does not wait for the answer any more. */
  readonly cancellation: Cancellation
  readonly operation: Operation
}

/** What the graph knows of it. */
export interface GraphContext extends Context {
  /** Names whoever asks, and is not what they showed; empty for whoever has shown nothing that counts. */
  readonly client: string
}
