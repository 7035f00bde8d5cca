export interface LiveStream<T> extends AsyncIterableIterator<T> {
  /** Ends the stream after the queued items and `last`. */
  end(last?: T): void
}

/** Node fires a timer with a longer delay immediately, so a longer wait uses several timers. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Ends the stream with the item `last()` when `Date.now()` reaches `timeMs`, unless the stream ends earlier. */
export function endStreamAt<T>(stream: LiveStream<T>, timeMs: number, last: () => T): AsyncIterableIterator<T> {
  let timer: NodeJS.Timeout | undefined
  const wait = () => {
    const remainingMs = timeMs - Date.now()
    if (remainingMs <= 0) stream.end(last())
    else timer = setTimeout(wait, Math.min(remainingMs, MAX_TIMER_MS))
  }
  wait()
  const stopTimer = <R>(result: R): R => {
    clearTimeout(timer)
    return result
  }
  return {
    next: async () => {
      const result = await stream.next()
      return result.done ? stopTimer(result) : result
    },
    return: () => stopTimer(stream.return?.() ?? Promise.resolve({ done: true, value: undefined })),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
