import { type Dispatcher, Pool } from 'undici'
import { RestcommError } from './errors.ts'

export interface HttpOptions {
  /** Up to and including `/restcomm`; `/2012-04-24/…` follows. */
  readonly url: string
  /** Connections kept to the upstream, at most. Further requests wait for one. */
  readonly connections: number
  /** From the moment a request is made until its body is complete. Milliseconds. */
  readonly timeoutMs: number
  /** The largest body that is read. Bytes. */
  readonly maximumBodyBytes: number
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** Below `/2012-04-24/`, its parts percent-encoded. */
  readonly path: string
  readonly query?: URLSearchParams
  readonly form?: URLSearchParams
  /** The value of the `Authorization` header. */
  readonly authorization: string
  /** Passed on, so that one request can be followed through both logs. */
  readonly requestId?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  readonly status: number
  /** Whole, and decoded as UTF-8. */
  readonly body: string
}

export interface Http {
  /** Rejects with a `RestcommError` when there is no complete answer; any status is an answer. */
  send(request: HttpRequest): Promise<HttpAnswer>
  close(): Promise<void>
}

const API_VERSION = '2012-04-24'

/**
 * The connections to one Restcomm.
 *
 * It asks by `Accept` and never by the `.json` suffix: with the suffix the server decodes query values twice and loses
 * every character outside the basic plane.
 */
export const createHttp = (options: HttpOptions): Http => {
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

  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    const deadline = AbortSignal.timeout(options.timeoutMs)
    const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal])
    try {
      const { statusCode, body } = await pool.request({
        method: request.method,
        path: prefix + request.path + (request.query?.size ? `?${request.query}` : ''),
        headers: headersOf(request),
        body: request.form?.toString() ?? null,
        signal,
      })
      return { status: statusCode, body: await readBody(body, options.maximumBodyBytes) }
    } catch (error) {
      if (error instanceof RestcommError) throw error
      if (deadline.aborted) {
        throw new RestcommError('timedOut', `Restcomm did not answer within ${options.timeoutMs} ms.`, { cause: error })
      }
      if (request.signal?.aborted) throw request.signal.reason
      throw new RestcommError('unavailable', 'Restcomm cannot be reached.', { cause: error })
    }
  }

  return { send, close: () => pool.close() }
}

const headersOf = (request: HttpRequest): Record<string, string> => ({
  accept: 'application/json',
  authorization: request.authorization,
  ...(request.form && { 'content-type': 'application/x-www-form-urlencoded' }),
  ...(request.requestId && { 'x-request-id': request.requestId }),
})

const readBody = async (body: Dispatcher.ResponseData['body'], maximumBytes: number): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // Leaving the loop destroys the body, and with it this one connection.
    if (bytes > maximumBytes) throw new RestcommError('malformed', 'Restcomm sent more than this gateway reads.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
