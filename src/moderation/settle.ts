import { setTimeout as sleep } from 'node:timers/promises'

/** Between two looks at whether a change shows: short at first, since it mostly does at once. Milliseconds. */
const FIRST_LOOK_MS = 40

/**
 * Looks until a change shows, or the time is up, and gives what was seen last. A look that fails is as good as one that
 * does not show the change yet: what was done is done. Null where no look succeeded.
 */
export const settled = async <T>(
  withinMs: number,
  look: () => Promise<T>,
  shows: (seen: T) => boolean,
): Promise<T | null> => {
  const deadline = performance.now() + withinMs
  let last: T | null = null
  for (let wait = FIRST_LOOK_MS; ; wait *= 2) {
    const seen = await attempted(look)
    if (seen !== null && shows(seen)) return seen
    last = seen ?? last
    if (performance.now() + wait > deadline) return last
    await sleep(wait)
  }
}

/** Null where Restcomm does not answer at this moment; whatever else is wrong is thrown. */
export const attempted = async <T>(read: () => Promise<T>): Promise<T | null> => {
  try {
    return await read()
  } catch (error) {
    const passing = error instanceof Error && 'failure' in error && PASSING.has(error.failure)
    if (!passing) throw error
    return null
  }
}

const PASSING: ReadonlySet<unknown> = new Set(['unavailable', 'timedOut', 'malformed'])
