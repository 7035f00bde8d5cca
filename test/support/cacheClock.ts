import { afterEach, beforeEach, vi } from 'vitest'

/**
 * Replaces the clock of lru-cache in every test of a file. Vitest's fake clock has no effect on lru-cache, which keeps
 * the `performance` object from the start. Returns a function that advances the time.
 */
export function useCacheClock(): (ms: number) => void {
  let now = 0
  beforeEach(() => {
    // lru-cache treats an entry stored at the time 0 as an entry that never expires.
    now = 1
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    // lru-cache reads the clock again after a timeout of 1 ms.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })
  return ms => {
    now += ms
    vi.advanceTimersByTime(ms)
  }
}
