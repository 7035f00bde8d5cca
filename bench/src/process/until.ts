import { setTimeout as delay } from 'node:timers/promises'

/** Node's `fetch` rejects with this where nobody listens yet. */
const isRefused = (error: unknown): boolean => error instanceof TypeError

/** Waits until something holds; a connection that is refused is another "not yet". Throws after a minute. */
export const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 60_000
  for (;;) {
    try {
      if (await holds()) return
    } catch (error) {
      if (!isRefused(error)) throw error
    }
    if (Date.now() > end) throw new Error(`${what} did not start within a minute.`)
    await delay(50)
  }
}
