import type { IncomingHttpHeaders } from 'node:http'

export interface InterceptedRequest {
  method: string
  /** The path and the query as received, without decoding. */
  path: string
  accept: string | null
  authorization: string | null
  headers: IncomingHttpHeaders
}

/**
 * `hang` sends no response; `reset` resets the TCP connection. With `cut`, the response announces the full
 * Content-Length, but the connection is destroyed after `cut` bytes of the body.
 */
export type Interception =
  | { status: number; body?: string; headers?: Readonly<Record<string, string>>; cut?: number }
  | 'hang'
  | 'reset'

/** Returns the response to send. If the result is undefined, the sandbox responds. */
export type Interceptor = (request: InterceptedRequest) => Interception | undefined | Promise<Interception | undefined>
