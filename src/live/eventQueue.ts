/** Maximum delay of a Node timer. A longer wait uses several timers. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Bounded event queue of a subscriber. On overflow, the queue drops all events. The next read replaces the dropped
 * events by `snapshotEvents()`.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #limit: number
  /** Exceeds the limit while the queue contains a snapshot, so that a long snapshot does not cause an overflow. */
  #capacity: number
  readonly #snapshotEvents: () => readonly T[]
  readonly #onClose: () => void
  #readers: ((result: IteratorResult<T>) => void)[] = []
  #queue: T[] = []
  #last: T | undefined
  #isOverflowed = false
  #isEnded = false
  #endTimer: NodeJS.Timeout | undefined

  /** `onClose` is called once, on the first call of `end` or `return`. */
  constructor(limit: number, snapshotEvents: () => readonly T[], onClose: () => void) {
    this.#limit = this.#capacity = limit
    this.#snapshotEvents = snapshotEvents
    this.#onClose = onClose
  }

  push(item: T): void {
    if (this.#isEnded || this.#isOverflowed) return
    const reader = this.#readers.shift()
    if (reader !== undefined) {
      reader({ done: false, value: item })
    } else if (this.#queue.length < this.#capacity) {
      this.#queue.push(item)
    } else {
      this.#queue = []
      this.#isOverflowed = true
    }
  }

  /** Readers receive the queued items, then `last`. The item `last` does not count towards the limit. */
  end(last?: T): void {
    if (this.#isEnded) return
    if (last !== undefined && this.#readers.length > 0) this.push(last)
    else this.#last = last
    this.#isEnded = true
    clearTimeout(this.#endTimer)
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined })
    this.#onClose()
  }

  /** At the time `timeMs`, ends the queue with the item `last()`. */
  endAt(timeMs: number, last: () => T): void {
    const remainingMs = timeMs - Date.now()
    if (remainingMs <= 0) this.end(last())
    else this.#endTimer = setTimeout(() => this.endAt(timeMs, last), Math.min(remainingMs, MAX_TIMER_MS))
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#isOverflowed) {
      this.#isOverflowed = false
      this.#queue = [...this.#snapshotEvents()]
      this.#capacity = this.#limit + this.#queue.length
    }
    const [value] = this.#queue
    if (value !== undefined) {
      this.#queue.shift()
      if (this.#queue.length === 0) this.#capacity = this.#limit
      return Promise.resolve({ done: false, value })
    }
    if (this.#last !== undefined) {
      const last = this.#last
      this.#last = undefined
      return Promise.resolve({ done: false, value: last })
    }
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined })
    return new Promise(resolve => this.#readers.push(resolve))
  }

  return(): Promise<IteratorResult<T>> {
    this.#queue = []
    this.#last = undefined
    this.#isOverflowed = false
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
