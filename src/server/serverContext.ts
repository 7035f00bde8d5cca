import type { RequestIdentity } from './reportErrors.ts'

/** What either door, HTTP or WebSocket, knows of a request before the graph is asked. */
export interface ServerContext extends RequestIdentity {
  /** As it came, unchecked; null where there is none. */
  readonly authorization: string | null
  /** Aborted when the client has gone. A WebSocket carries many operations, and so has none for each. */
  readonly signal?: AbortSignal
}
