import type { IncomingHttpHeaders } from 'node:http'

export interface InterceptedRequest {
  method: string
  /** The raw request target, with the query. */
  path: string
  accept: string | null
  authorization: string | null
  headers: IncomingHttpHeaders
}

/**
 * `hang` never responds, `reset` resets the connection. With `cut`, the response has the full Content-Length, but the
 * connection is destroyed after `cut` bytes of the body.
 */
export type Interception =
  | { status: number; body?: string; headers?: Readonly<Record<string, string>>; cut?: number }
  | 'hang'
  | 'reset'

/** Returns the response to send, or undefined to let the sandbox respond. A pending promise delays the request. */
export type Interceptor = (request: InterceptedRequest) => Interception | undefined | Promise<Interception | undefined>
