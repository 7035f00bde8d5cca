import type { Cancellation } from '../cancellation.ts'
import { RestcommError } from '../errors.ts'
import type { Place } from '../linkedQueue.ts'

/** How long an answer may take, and how much of it is read. */
export interface AnswerLimits {
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

export interface HttpAnswer {
  readonly status: number
  /** Whole, and decoded as UTF-8. */
  readonly body: string
}

/** The connection that a request is on, as far as it has to do with it. */
interface Connection {
  abort(reason: Error): void
}

/**
 * One request on its way. It settles once: with the answer, with what went wrong, when its time is up, or when it is
 * given up. What begins with `on` is what undici calls a dispatch handler by. Its `request` would do most of this, behind a
 * stream for each body, which costs half of the time.
 */
export class HttpExchange {
  readonly #cancellation: Cancellation | undefined
  readonly #limits: AnswerLimits
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  readonly #began = performance.now()
  readonly #patience: Place | null
  #controller: Connection | null = null
  #status: number | null = null
  #chunks: Buffer[] = []
  #bytes = 0
  isOver = false

  constructor(
    cancellation: Cancellation | undefined,
    limits: AnswerLimits,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#cancellation = cancellation
    this.#limits = limits
    this.#resolve = resolve
    this.#reject = reject
    // What has arrived by then is read first: a process that stood still finds its timers due before it looks at its sockets.
    this.#timer = setTimeout(() => setImmediate(() => this.#timeOut()), limits.timeoutMs)
    this.#patience = cancellation?.add(() => this.#giveUp()) ?? null
    if (cancellation?.isCancelled) this.#giveUp()
  }

  onRequestStart(controller: Connection): void {
    this.#controller = controller
    if (this.isOver) controller.abort(new Error('Given up before it was sent.'))
  }

  onResponseStart(_controller: Connection, status: number): void {
    this.#status = status
  }

  onResponseData(_controller: Connection, chunk: Buffer): void {
    if (this.isOver) return
    this.#bytes += chunk.length
    if (this.#bytes > this.#limits.maximumBodyBytes) {
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

  onResponseError(_controller: Connection, cause: Error): void {
    this.#fail(this.#error('unavailable', 'Restcomm cannot be reached.', cause))
  }

  #giveUp(): void {
    const isSilent = this.#status === null && performance.now() - this.#began >= this.#limits.silenceMs
    this.#fail(isSilent ? this.#error('timedOut', 'Restcomm did not answer in time.') : this.#cancellation?.reason)
  }

  #timeOut(): void {
    this.#fail(
      this.#error('timedOut', `Restcomm did not answer within ${this.#limits.timeoutMs} ms (RESTCOMM_TIMEOUT_MS).`),
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
