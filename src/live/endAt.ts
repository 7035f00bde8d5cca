/** What is told to one subscriber, until somebody ends it. */
export interface LiveStream<T> extends AsyncIterableIterator<T> {
  /** Nothing more will come but what is there already, and `last`. */
  end(last?: T): void
}

/** Timers count in 31 bits. Milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The stream, which ends at a moment at the latest, and then with `last`. The moment is as `Date.now` has it. */
export const endingAt = <T>(stream: LiveStream<T>, moment: number, last: () => T): AsyncIterableIterator<T> => {
  let timer: NodeJS.Timeout | undefined
  const wait = () => {
    const left = moment - Date.now()
    if (left <= 0) stream.end(last())
    else timer = setTimeout(wait, Math.min(left, LONGEST_TIMER))
  }
  wait()
  const stop = <R>(answer: R): R => {
    clearTimeout(timer)
    return answer
  }
  return {
    next: async () => {
      const result = await stream.next()
      return result.done ? stop(result) : result
    },
    return: () => stop(stream.return?.() ?? Promise.resolve({ done: true, value: undefined })),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
