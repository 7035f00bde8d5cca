import { Pool } from 'undici'
import type { CancellationToken } from '../cancellationToken.ts'
import { RestcommError } from '../errors.ts'
import { DispatchHandler, type HttpResponse, type ResponseLimits } from './dispatchHandler.ts'

export interface HttpClientOptions extends ResponseLimits {
  /** Address of Restcomm up to and including `/restcomm`, without `/2012-04-24`. */
  readonly url: string
  /** Maximum number of connections. Further requests wait for a connection. */
  readonly connections: number
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** Path relative to `/2012-04-24/`, percent-encoded, with the query string. */
  readonly path: string
  readonly form?: URLSearchParams | undefined
  /** Value of the `Authorization` header; null sends no header. */
  readonly authorization: string | null
  /** Sent as `X-Request-Id`, to find a request in the logs of the gateway and of Restcomm. */
  readonly requestId?: string | undefined
  /** Aborts a GET. A sent POST continues, because the outcome of an aborted POST would be unknown. */
  readonly cancellation?: CancellationToken | undefined
}

type TraceHeaders = Readonly<Record<string, string>> | null

export interface HttpClient {
  /**
   * Resolves with a complete response of any status. Rejects if the response is missing or incomplete. `traceHeaders`
   * are sent in addition.
   */
  send(request: HttpRequest, traceHeaders?: TraceHeaders): Promise<HttpResponse>
  close(): Promise<void>
}

const API_VERSION = '2012-04-24'

/**
 * Requests JSON with the `Accept` header instead of the suffix `.json`, because for paths with the suffix, Restcomm
 * decodes query values twice and loses every character outside the Basic Multilingual Plane.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const base = new URL(options.url)
  const prefix = `${base.pathname.replace(/\/+$/, '')}/${API_VERSION}/`
  const pool = new Pool(base.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: options.timeoutMs },
    keepAliveTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  })

  function send(request: HttpRequest, traceHeaders: TraceHeaders = null): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const cancellation = request.method === 'GET' ? request.cancellation : undefined
      const path = prefix + request.path
      const headers = headersOf(request, traceHeaders)
      if (!isSendable(path, headers)) {
        reject(new RestcommError('rejected', UNSENDABLE_REQUEST))
        return
      }
      const handler = new DispatchHandler(cancellation, options, resolve, reject)
      if (handler.isSettled) return
      pool.dispatch({ method: request.method, path, headers, body: request.form?.toString() ?? null }, handler)
    })
  }

  return { send, close: () => pool.close() }
}

const UNSENDABLE_REQUEST =
  'The request to Restcomm has invalid characters: expected ASCII without spaces in the path and Latin-1 in headers.'

/**
 * undici throws on invalid characters after reserving a connection and never frees the connection. A few invalid
 * requests would exhaust the pool, so requests are checked first.
 */
function isSendable(path: string, headers: readonly string[]): boolean {
  return !/[^\x21-\x7e]/.test(path) && headers.every(text => !/[^\t\x20-\x7e\x80-\xff]/.test(text))
}

function headersOf({ authorization, form, requestId }: HttpRequest, traceHeaders: TraceHeaders): string[] {
  const headers = ['accept', 'application/json']
  if (authorization !== null) headers.push('authorization', authorization)
  if (form !== undefined) headers.push('content-type', 'application/x-www-form-urlencoded')
  if (requestId !== undefined) headers.push('x-request-id', requestId)
  if (traceHeaders !== null) headers.push(...Object.entries(traceHeaders).flat())
  return headers
}
