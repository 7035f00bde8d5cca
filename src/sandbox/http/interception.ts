import type { IncomingHttpHeaders } from 'node:http'

/** What an interceptor is told of a request. */
export interface InterceptedRequest {
  method: string
  /** With the query, as it came. */
  path: string
  accept: string | null
  authorization: string | null
  headers: IncomingHttpHeaders
}

/**
 * `hang` never answers, `reset` drops the connection. A `cut` answer announces its whole length, sends only so many
 * bytes of it and then drops the connection.
 */
export type Interception =
  | { status: number; body?: string; headers?: Readonly<Record<string, string>>; cut?: number }
  | 'hang'
  | 'reset'

/** Answers in the server's place, or gives undefined to let it answer; a promise holds the request back meanwhile. */
export type Interceptor = (request: InterceptedRequest) => Interception | undefined | Promise<Interception | undefined>
