import { type CancellationToken, delay } from '../restcomm/cancellationToken.ts'
import { AUTH_FAILURES, type FailureKind, RestcommError } from '../restcomm/errors.ts'

/** Delay after the first read. Short, because Restcomm shows most changes at once. */
const FIRST_DELAY_MS = 40

/**
 * Repeats `read` until `isReached` returns true or the timeout expires. Returns the last result; null if all reads
 * failed. Restcomm errors are not thrown, because the command is already executed.
 */
export async function pollUntil<T>(
  timeoutMs: number,
  read: () => Promise<T>,
  isReached: (result: T) => boolean,
  cancellation?: CancellationToken,
): Promise<T | null> {
  const deadline = performance.now() + timeoutMs
  let last: T | null = null
  let delayMs = 0
  for (;;) {
    try {
      if (delayMs > 0) await delay(delayMs, cancellation)
      last = await read()
      if (isReached(last)) return last
    } catch (error) {
      if (!(error instanceof RestcommError)) throw error
      if (TERMINAL_FAILURES.includes(error.failure)) return last
    }
    const remainingMs = deadline - performance.now()
    if (remainingMs <= 0) return last
    delayMs = Math.min(delayMs === 0 ? FIRST_DELAY_MS : 2 * delayMs, remainingMs)
  }
}

/** Returns null on a Restcomm error. Programming errors are thrown. */
export async function readOrNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof RestcommError)) throw error
    return null
  }
}

/** Failures without a retry, because every later read of the GraphQL request would fail. */
const TERMINAL_FAILURES: readonly FailureKind[] = ['deadlineExceeded', 'cancelled', ...AUTH_FAILURES]
