import type { RequestIdentity } from './reportErrors.ts'

/** What either door, HTTP or WebSocket, knows of a request before the graph is asked. */
export interface ServerContext extends RequestIdentity {
  /** As it came, unchecked; null where there is none. */
  readonly authorization: string | null
  /** Aborted, with a reason, when the client does not wait for the answer any more. */
  readonly abort: AbortController
}
