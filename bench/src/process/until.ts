import { setTimeout as delay } from 'node:timers/promises'

/** Node's `fetch` rejects with this where nobody listens yet. */
const isRefused = (error: unknown): boolean => error instanceof TypeError

/** Waits until something holds; a connection that is refused is another "not yet". Throws after a minute, or as long as is said. */
export const until = async (what: string, holds: () => Promise<boolean>, { withinMs = 60_000 } = {}): Promise<void> => {
  const end = Date.now() + withinMs
  for (;;) {
    try {
      if (await holds()) return
    } catch (error) {
      if (!isRefused(error)) throw error
    }
    if (Date.now() > end) throw new Error(`${what} was not there within ${withinMs / 1_000} s.`)
    await delay(50)
  }
}
