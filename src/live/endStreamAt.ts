export interface LiveStream<T> extends AsyncIterableIterator<T> {
  /** Delivers the queued items and `last`, then ends the stream. */
  end(last?: T): void
}

/** Maximum delay of a Node timer. A longer wait uses several timers. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** At the time `timeMs`, ends the stream with the item `last()`. */
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
