import type { GraphQLFormattedError } from 'graphql'
import { httpStatusOf } from '../errorMapping.ts'

/** As `Retry-After` of refused operations. */
const REFUSAL_PAUSE_MS = 1_000
/** Otherwise, a client could avoid the pause by leaving each operation before the refusal. */
const CANCELLATION_PAUSE_MS = 100
const REFUSED: ReadonlySet<number> = new Set([401, 429, 503])

/**
 * Runs the operations of a connection one at a time until Restcomm has accepted the credentials. After a refused
 * operation, the next operation waits for a second. Without the queue, a client with invented credentials could keep the
 * process busy with the parsing and validation of operations that are refused.
 */
export class VerificationQueue {
  #isVerified = false
  #last: Promise<void> = Promise.resolve()

  /** Resolves with the turn of the operation. Null if operations need no turn. */
  enter(): Promise<Turn> | null {
    if (this.#isVerified) return null
    const { promise, resolve } = Promise.withResolvers<void>()
    const turn = new Turn(resolve)
    const started = this.#last.then(() => turn)
    this.#last = promise
    return started
  }

  /** Must be called when an operation runs with credentials that Restcomm has accepted. */
  verify(): void {
    this.#isVerified = true
  }
}

export class Turn {
  readonly #onEnd: () => void
  #hasEnded = false

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  /** Ends the turn after the first result. Further calls have no effect, also on the other methods. */
  endAfter(errors: readonly { readonly extensions?: GraphQLFormattedError['extensions'] }[] = []): void {
    const isRefused = errors.some(({ extensions = {} }) => REFUSED.has(httpStatusOf({ extensions })))
    this.#end(isRefused ? REFUSAL_PAUSE_MS : 0)
  }

  /** Ends the turn of an operation that the client has left. */
  cancel(): void {
    this.#end(CANCELLATION_PAUSE_MS)
  }

  #end(pauseMs: number): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    if (pauseMs === 0) this.#onEnd()
    else setTimeout(this.#onEnd, pauseMs).unref()
  }
}
