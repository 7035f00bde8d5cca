import { type Dispatcher, Pool } from 'undici'
import type { Cancellation } from './cancellation.ts'
import { RestcommError } from './errors.ts'
import type { Place } from './line.ts'

export interface HttpOptions {
  /** Up to and including `/restcomm`; `/2012-04-24/…` follows. */
  readonly url: string
  /** Connections kept to the upstream, at most. Further requests wait for one. */
  readonly connections: number
  /** From the moment a request is sent until its body is complete. Milliseconds. */
  readonly timeoutMs: number
  /**
   * A request that is given up after so long, without the beginning of an answer, counts as one that was not answered in
   * time: whoever asked may have less patience than `timeoutMs`. Milliseconds.
   */
  readonly silenceMs: number
  /** The largest body that is read. Bytes. */
  readonly maximumBodyBytes: number
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** Below `/2012-04-24/`, percent-encoded, with the query where there is one. */
  readonly path: string
  readonly form?: URLSearchParams | undefined
  /** The value of the `Authorization` header; null for none. */
  readonly authorization: string | null
  /** Passed on, so that one request can be followed through both logs. */
  readonly requestId?: string | undefined
  /**
   * Gives a GET up. It rejects with the reason then, or with `timedOut` after a long silence. A POST is not broken off
   * once it is sent: nobody would know whether it was done.
   */
  readonly cancellation?: Cancellation | undefined
}

/** Passed on, as W3C Trace Context has it. */
export interface TraceHeaders {
  readonly traceparent: string | null
  readonly tracestate: string | null
}

export interface HttpAnswer {
  readonly status: number
  /** Whole, and decoded as UTF-8. */
  readonly body: string
}

export interface Http {
  /**
   * Sends a request, once. Rejects with a `RestcommError` when there is no complete answer, with its status if the
   * answer began; any status is an answer.
   */
  send(request: HttpRequest, trace?: TraceHeaders): Promise<HttpAnswer>
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

  const send = (request: HttpRequest, trace?: TraceHeaders): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const cancellation = request.method === 'GET' ? request.cancellation : undefined
      const path = prefix + request.path
      const headers = headersOf(request, trace)
      if (!isSendable(path, headers)) {
        reject(new RestcommError('rejected', 'What was asked for has characters that no request may have.'))
        return
      }
      const exchange = new Exchange(cancellation, options, resolve, reject)
      if (exchange.isOver) return
      pool.dispatch({ method: request.method, path, headers, body: request.form?.toString() ?? null }, exchange)
    })

  return { send, close: () => pool.close() }
}

/**
 * Undici refuses what is not, and takes the connection that it was meant for for a busy one from then on: after a few of
 * them there would be none left.
 */
const isSendable = (path: string, headers: readonly string[]): boolean =>
  !/[^\x21-\x7e]/.test(path) && headers.every(text => !/[^\t\x20-\x7e\x80-\xff]/.test(text))

/** Names and values in turn, which undici takes as they are. */
const headersOf = ({ authorization, form, requestId }: HttpRequest, trace: TraceHeaders | undefined): string[] => {
  const headers = ['accept', 'application/json']
  if (authorization !== null) headers.push('authorization', authorization)
  if (form !== undefined) headers.push('content-type', 'application/x-www-form-urlencoded')
  if (requestId !== undefined) headers.push('x-request-id', requestId)
  if (trace?.traceparent) headers.push('traceparent', trace.traceparent)
  if (trace?.tracestate) headers.push('tracestate', trace.tracestate)
  return headers
}

/**
 * One request on its way. It settles once: with the answer, with what went wrong, when its time is up, or when it is
 * given up. Undici's `request` would do most of this, behind a stream for each body, which costs half of the time.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #cancellation: Cancellation | undefined
  readonly #options: HttpOptions
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  readonly #began = performance.now()
  readonly #patience: Place | null
  #controller: Dispatcher.DispatchController | null = null
  #status: number | null = null
  #chunks: Buffer[] = []
  #bytes = 0
  isOver = false

  constructor(
    cancellation: Cancellation | undefined,
    options: HttpOptions,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#cancellation = cancellation
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    // What has arrived by then is read first: a process that stood still finds its timers due before it looks at its sockets.
    this.#timer = setTimeout(() => setImmediate(() => this.#timeOut()), options.timeoutMs)
    this.#patience = cancellation?.add(() => this.#giveUp()) ?? null
    if (cancellation?.isCancelled) this.#giveUp()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.isOver) controller.abort(new Error('Given up before it was sent.'))
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isOver) return
    this.#bytes += chunk.length
    if (this.#bytes > this.#options.maximumBodyBytes) {
      this.#fail(this.#error('malformed', 'Restcomm sent more than this gateway reads (RESTCOMM_MAX_BODY_BYTES).'))
    } else {
      this.#chunks.push(chunk)
    }
  }

  onResponseEnd(): void {
    if (!this.#settle()) return
    const [first, second] = this.#chunks
    const body = second === undefined ? (first?.toString('utf8') ?? '') : Buffer.concat(this.#chunks).toString('utf8')
    this.#resolve({ status: this.#status ?? 0, body })
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    this.#fail(this.#error('unavailable', 'Restcomm cannot be reached.', cause))
  }

  #giveUp(): void {
    const isSilent = this.#status === null && performance.now() - this.#began >= this.#options.silenceMs
    this.#fail(isSilent ? this.#error('timedOut', 'Restcomm did not answer in time.') : this.#cancellation?.reason)
  }

  #timeOut(): void {
    this.#fail(
      this.#error('timedOut', `Restcomm did not answer within ${this.#options.timeoutMs} ms (RESTCOMM_TIMEOUT_MS).`),
    )
  }

  #error(failure: 'malformed' | 'timedOut' | 'unavailable', message: string, cause?: Error): RestcommError {
    return new RestcommError(failure, message, {
      ...(cause && { cause }),
      ...(this.#status !== null && { status: this.#status }),
    })
  }

  #fail(error: unknown): void {
    if (!this.#settle()) return
    this.#reject(error)
    // Drops this one connection, if the request was sent.
    this.#controller?.abort(error instanceof Error ? error : new Error('Given up.'))
  }

  /** Whether this was the first thing to happen. */
  #settle(): boolean {
    if (this.isOver) return false
    this.isOver = true
    clearTimeout(this.#timer)
    this.#cancellation?.delete(this.#patience)
    return true
  }
}
