import { setTimeout as sleep } from 'node:timers/promises'
import { RestcommError } from './errors.ts'

/** Connect answers 500 when two lists are serialized at the same moment; asked again, it answers. */
const TRIES = 4

/** Reads a list, again where the server failed. What is read must be safe to read twice. */
export const repeatUnavailable = async <T>(read: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read()
    } catch (error) {
      const passing = error instanceof RestcommError && error.failure === 'unavailable'
      if (!passing || attempt === TRIES) throw error
    }
    await pause(attempt)
  }
}

/** A moment that grows with the attempt, and differs from caller to caller so that they do not come back together. */
export const pause = (attempt: number): Promise<void> => sleep(Math.random() * 10 * 2 ** attempt)
