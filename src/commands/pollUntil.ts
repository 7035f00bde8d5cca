import type { Cancellation } from '../restcomm/cancellation.ts'

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
  cancellation?: Cancellation,
): Promise<T | null> => {
  const deadline = performance.now() + withinMs
  let last: T | null = null
  for (let wait = FIRST_LOOK_MS; ; wait *= 2) {
    try {
      last = await look()
      if (shows(last)) return last
    } catch (error) {
      if (failureOf(error) === null) throw error
      // No look would succeed any more.
      if (isOver(error)) return last
    }
    const left = deadline - performance.now()
    if (left <= 0) return last
    // The look after it finds out that the time of the request is up.
    await pause(Math.min(wait, left), cancellation)
  }
}

/** Over at once when it is cancelled. */
const pause = (milliseconds: number, cancellation: Cancellation | undefined): Promise<void> =>
  new Promise(resolve => {
    const goOn = () => {
      clearTimeout(timer)
      cancellation?.delete(patience)
      resolve()
    }
    const timer = setTimeout(goOn, milliseconds)
    const patience = cancellation?.add(goOn) ?? null
    if (cancellation?.isCancelled) goOn()
  })

/** Null where Restcomm does not say. What is wrong with the gateway itself is thrown. */
export const attempted = async <T>(read: () => Promise<T>): Promise<T | null> => {
  try {
    return await read()
  } catch (error) {
    if (failureOf(error) === null) throw error
    return null
  }
}

/** The time of the request is up, nobody waits for it, or whoever asks may not see it any more. */
const OVER: ReadonlySet<unknown> = new Set(['outOfTime', 'cancelled', 'unauthenticated', 'standInRefused', 'forbidden'])

const isOver = (error: unknown): boolean => OVER.has(failureOf(error))

/** Restcomm's; null for an error of another kind. */
const failureOf = (error: unknown): unknown => (error instanceof Error && 'failure' in error ? error.failure : null)
