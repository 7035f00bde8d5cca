import type { Operation } from './operation.ts'

/** What either door, HTTP or WebSocket, knows of a request before the graph is asked. */
export interface ServerContext {
  /** The same in the response's header, in its errors, in the log and upstream. */
  readonly requestId: string
  /** As it came, unchecked; null where there is none. */
  readonly authorization: string | null
  /** Aborted, with a reason, when the client does not wait for the answer any more. */
  readonly abort: AbortController
  readonly operation: Operation
}
