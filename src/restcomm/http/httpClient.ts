import { Client, type Dispatcher, Pool } from 'undici'
import type { CancellationToken } from '../cancellationToken.ts'
import { RestcommError } from '../errors.ts'

export interface HttpClientOptions {
  /** Address of Restcomm up to and including `/restcomm`, without `/2012-04-24`. */
  readonly url: string
  /** Maximum number of connections. Further requests wait for a connection. */
  readonly connections: number
  readonly maxBodyBytes: number
}

export interface HttpResponse {
  readonly status: number
  readonly body: string
  /** Value of `Retry-After` of a status 429 or 503; null if missing or invalid. */
  readonly retryAfterSeconds: number | null
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

/** Shorter than the 20 s of Tomcat, Restcomm's web server: a request on a connection closed by the server would fail. */
const MAX_IDLE_MS = 15_000
/** New connections resolve the host name again, so the gateway follows a change of the DNS within this time. */
const MAX_CONNECTION_AGE_MS = 180_000
/** A connection takes milliseconds. A lost packet is sent again after a second. */
const CONNECT_TIMEOUT_MS = 2_000
const NO_FILE_DESCRIPTORS: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE'])
const API_VERSION = '2012-04-24'
/**
 * undici throws on invalid characters after reserving a connection and never frees the connection. A few invalid
 * requests would exhaust the pool, so requests are checked first. A segment `..` could lead to a different account.
 */
const UNSENDABLE_IN_PATH = /[^\x21-\x7e]|(?:^|\/)\.\.?(?:[/?]|$)/
const UNSENDABLE_IN_HEADER = /[^\t\x20-\x7e\x80-\xff]/
const UNSENDABLE_REQUEST =
  'The request to Restcomm is invalid: expected a path of ASCII without spaces and `..`, and headers in Latin-1.'

const NO_DESCRIPTOR_LEFT =
  'The gateway has no free file descriptor for a connection to Restcomm: raise the limit of open files of the process.'

/**
 * Requests JSON with the `Accept` header instead of the suffix `.json`, because for paths with the suffix, Restcomm
 * decodes query values twice and loses every character outside the Basic Multilingual Plane.
 */
export class HttpClient {
  readonly #maxBodyBytes: number
  readonly #prefix: string
  readonly #pool: Pool
  /** The reads without a complete response. */
  readonly #reads = new Set<DispatchHandler>()

  constructor(options: HttpClientOptions) {
    const base = new URL(options.url)
    this.#maxBodyBytes = options.maxBodyBytes
    this.#prefix = `${base.pathname.replace(/\/+$/, '')}/${API_VERSION}/`
    this.#pool = new Pool(base.origin, {
      connections: options.connections,
      factory: (origin, clientOptions) => new CountingClient(origin, clientOptions),
      pipelining: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      keepAliveTimeout: MAX_IDLE_MS,
      // Applies if the server announces its own time.
      keepAliveMaxTimeout: MAX_IDLE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  /**
   * Resolves with a complete response of any status. Rejects if the response is missing or incomplete. `timeoutMs` is
   * the limit from the dispatch of the request to the last byte of the body. `traceHeaders` are sent in addition.
   */
  send(request: HttpRequest, timeoutMs: number, traceHeaders: TraceHeaders = null): Promise<HttpResponse> {
    const { method, form } = request
    const path = this.#prefix + request.path
    const headers = headersOf(request, traceHeaders)
    if (UNSENDABLE_IN_PATH.test(path) || UNSENDABLE_IN_HEADER.test(headers.join(''))) {
      return Promise.reject(new RestcommError('rejected', UNSENDABLE_REQUEST))
    }
    const options = { method, path, headers, body: form?.toString() ?? null }
    const isGet = method === 'GET'
    const resend = isGet ? () => this.#pool.dispatch(options, handler) : null
    const handler = new DispatchHandler(request, timeoutMs, this.#maxBodyBytes, resend, this.#reads)
    if (!handler.isSettled) this.#pool.dispatch(options, handler)
    return handler.response.promise
  }

  /**
   * Sends the reads without a response again, each at most once. Must be called when Restcomm has recovered, because
   * reads sent before may never be answered. `authorization` selects the reads; null selects all.
   */
  resendReads(authorization: string | null): void {
    for (const read of [...this.#reads]) {
      if (authorization === null || read.authorization === authorization) read.resend()
    }
  }

  /** Cancels the reads, and waits for the commands, because the outcome of each command is recorded. */
  close(): Promise<void> {
    // No `RestcommError`, which would count as a failure of Restcomm.
    for (const read of [...this.#reads]) read.fail(new Error('The gateway is shutting down.'))
    return this.#pool.close()
  }
}

function headersOf({ authorization, form, requestId }: HttpRequest, traceHeaders: TraceHeaders): string[] {
  const headers = ['accept', 'application/json']
  if (authorization !== null) headers.push('authorization', authorization)
  if (form !== undefined) headers.push('content-type', 'application/x-www-form-urlencoded')
  if (requestId !== undefined) headers.push('x-request-id', requestId)
  if (traceHeaders !== null) headers.push(...Object.entries(traceHeaders).flat())
  return headers
}

/** Counts the responses received on the current connection, and closes an old connection after its next response. */
class CountingClient extends Client {
  responses = 0
  #connectedAt = Number.POSITIVE_INFINITY

  constructor(origin: URL, options: object) {
    super(origin, options)
    this.on('connect', () => {
      this.#connectedAt = Date.now()
    })
    this.on('disconnect', () => {
      this.responses = 0
      this.#connectedAt = Number.POSITIVE_INFINITY
    })
  }

  /** undici's `clientTtl` would read the clock for each connection of the pool at each request. */
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof DispatchHandler) handler.client = this
    const isOld = Date.now() - this.#connectedAt > MAX_CONNECTION_AGE_MS
    return super.dispatch(isOld ? { ...options, reset: true } : options, handler)
  }
}

/** Receives a response from undici's `dispatch`. `dispatch` costs half as much as undici's `request`. */
class DispatchHandler {
  readonly response = Promise.withResolvers<HttpResponse>()
  readonly #cancellation: CancellationToken | undefined
  readonly #timeoutMs: number
  readonly #maxBodyBytes: number
  readonly #resend: (() => void) | null
  readonly #reads: Set<DispatchHandler>
  readonly #timer: NodeJS.Timeout
  #controller: Dispatcher.DispatchController | null = null
  #status: number | null = null
  #retryAfterSeconds: number | null = null
  #chunks: Buffer[] = []
  #bodyBytes = 0
  /** A read is sent again at most once after a recovery: `due` until the current attempt is aborted. */
  #recovery: 'none' | 'due' | 'done' = 'none'
  readonly authorization: string | null
  isSettled = false
  /** The client that sends the request; null before the request has a connection. */
  client: CountingClient | null = null

  /** `resend` sends the request again. Null for a request that must not be sent twice. `reads` lists the active reads. */
  constructor(
    { method, cancellation, authorization }: HttpRequest,
    timeoutMs: number,
    maxBodyBytes: number,
    resend: (() => void) | null,
    reads: Set<DispatchHandler>,
  ) {
    this.authorization = authorization
    this.#reads = reads
    if (resend !== null) reads.add(this)
    this.#cancellation = method === 'GET' ? cancellation : undefined
    this.#timeoutMs = timeoutMs
    this.#maxBodyBytes = maxBodyBytes
    this.#resend = resend
    // With `setImmediate`, a response that has already arrived is read before the timeout.
    this.#timer = setTimeout(() => setImmediate(() => this.#onTimeout()), timeoutMs)
    this.#cancellation?.add(this.#onCancel)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.isSettled) controller.abort(new Error('The request was cancelled before it was sent.'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status
    if (status === 429 || status === 503) this.#retryAfterSeconds = parseRetryAfter(String(headers['retry-after']))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isSettled) return
    this.#bodyBytes += chunk.length
    if (this.#bodyBytes > this.#maxBodyBytes) {
      const limit = `${this.#maxBodyBytes} bytes`
      this.fail(this.#createError('malformed', `Restcomm sent a response of more than ${limit}.`))
    } else {
      this.#chunks.push(chunk)
    }
  }

  onResponseEnd(): void {
    if (this.client !== null) this.client.responses++
    if (!this.#settle()) return
    const [first, second] = this.#chunks
    const body = second === undefined ? (first?.toString('utf8') ?? '') : Buffer.concat(this.#chunks).toString('utf8')
    this.response.resolve({ status: this.#status ?? 0, body, retryAfterSeconds: this.#retryAfterSeconds })
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    // The server may close an idle connection at the moment of a request. This is no sign of a failing server, so the
    // request takes no retry from the budget. Each resend uses up a reused connection, so resends end.
    const isReused = this.client !== null && this.client.responses > 0
    // A resend that reaches no connection, for example because the server has stopped, must fail.
    this.client = null
    const mayResend = isReused || this.#recovery === 'due'
    if (mayResend && this.#status === null && !this.isSettled && this.#resend !== null) {
      if (this.#recovery === 'due') this.#recovery = 'done'
      this.#resend()
      return
    }
    if (NO_FILE_DESCRIPTORS.has((cause as NodeJS.ErrnoException).code)) {
      this.fail(new RestcommError('overloaded', NO_DESCRIPTOR_LEFT, { cause, retryAfterSeconds: 1 }))
      return
    }
    const message = 'Restcomm cannot be reached, because the connection failed or was closed: check RESTCOMM_URL.'
    this.fail(this.#createError('unavailable', message, cause))
  }

  /** Has no effect after the beginning of a response, or before the request has a connection. */
  resend(): void {
    if (this.#recovery !== 'none' || this.#status !== null || this.#controller === null) return
    this.#recovery = 'due'
    this.#controller.abort(new Error('The request is sent again.'))
  }

  readonly #onCancel = (): void => this.fail(this.#cancellation?.reason)

  #onTimeout(): void {
    const advice =
      this.#resend === null
        ? 'the command may or may not have been executed, so read the current state'
        : 'try again later'
    this.fail(this.#createError('timedOut', `Restcomm did not answer within ${this.#timeoutMs} ms; ${advice}.`))
  }

  #createError(failure: 'malformed' | 'timedOut' | 'unavailable', message: string, cause?: Error): RestcommError {
    return new RestcommError(failure, message, { ...(cause && { cause }), status: this.#status })
  }

  fail(error: unknown): void {
    if (!this.#settle()) return
    this.response.reject(error)
    // `abort` closes the connection. No concurrent request uses the connection (`pipelining: 1`).
    this.#controller?.abort(error instanceof Error ? error : new Error('The request was cancelled.'))
  }

  #settle(): boolean {
    if (this.isSettled) return false
    this.isSettled = true
    clearTimeout(this.#timer)
    this.#cancellation?.delete(this.#onCancel)
    this.#reads.delete(this)
    return true
  }
}

/** Accepts seconds or an HTTP date. Source: RFC 9110, 10.2.3. */
function parseRetryAfter(value: string): number | null {
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000
  return seconds > 0 ? Math.ceil(seconds) : null
}
