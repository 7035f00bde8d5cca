import { setTimeout as delay } from 'node:timers/promises'

const POLL_INTERVAL_MS = 50

/** Polls until the condition returns true. A refused connection counts as false. Throws after `timeoutMs`. */
export async function waitFor(
  description: string,
  condition: () => Promise<boolean>,
  { timeoutMs = 60_000 } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      if (await condition()) return
    } catch (error) {
      if (!isConnectionError(error)) throw error
    }
    if (Date.now() > deadline) throw new Error(`Timed out after ${timeoutMs / 1_000} s waiting for ${description}.`)
    await delay(POLL_INTERVAL_MS)
  }
}

/** `fetch` rejects with a TypeError if the connection is refused. */
function isConnectionError(error: unknown): boolean {
  return error instanceof TypeError
}
