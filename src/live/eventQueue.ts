/** The system clock can jump, so the end time is compared with the clock for each item, and at least this often. */
const CLOCK_CHECK_MS = 60_000

/**
 * Bounded event queue of a subscriber. On overflow, the queue drops all events. The next read replaces the dropped
 * events by `snapshot()`. Reads must not overlap: a later read could receive an earlier item.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #limit: number
  readonly #snapshot: () => T
  readonly #onClose: () => void
  #queue: T[] = []
  /** Reads that wait for an item. Each takes an item, which does not count towards the limit. */
  #waitingReads = 0
  #isOverflowed = false
  #isEnded = false
  /** Whether the queue has ended with a last item, or by `return`. A pause is then followed by no snapshot. */
  #isInterrupted = false
  /** The item of `end`. */
  #last: T | undefined
  /** Resolves when the queue has a new event, or ends. */
  #news = Promise.withResolvers<void>()
  #endTimer: NodeJS.Timeout | undefined
  /** Ends the queue after the time of `endAt`. */
  #endIfDue = (): void => undefined

  /** `onClose` is called once, on the first call of `end` or `return`. */
  constructor(limit: number, snapshot: () => T, onClose: () => void) {
    this.#limit = limit
    this.#snapshot = snapshot
    this.#onClose = onClose
  }

  get hasEnded(): boolean {
    return this.#isEnded
  }

  push(item: T): void {
    this.#endIfDue()
    if (this.#isEnded || this.#isOverflowed) return
    this.#isOverflowed = this.#queue.length >= this.#limit + this.#waitingReads
    if (this.#isOverflowed) this.#queue = []
    else this.#queue.push(item)
    this.#wakeReaders()
  }

  /** Readers receive the queued items, then `last`. The item `last` does not count towards the limit. */
  end(last?: T): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#isInterrupted = last !== undefined
    this.#last = last
    if (last !== undefined) this.#queue.push(last)
    clearTimeout(this.#endTimer)
    this.#wakeReaders()
    this.#onClose()
  }

  /** At the time `timeMs` of the system clock, ends the queue with the item `last()`. */
  endAt(timeMs: number, last: () => T): void {
    this.#endIfDue = () => {
      if (Date.now() >= timeMs) this.end(last())
    }
    const check = () => {
      this.#endIfDue()
      if (!this.#isEnded) this.#endTimer = setTimeout(check, Math.min(timeMs - Date.now(), CLOCK_CHECK_MS))
    }
    check()
  }

  /**
   * Replaces the queued events by a snapshot and resolves after `delayMs`, or at once when the queue ends. Events during the
   * pause are dropped. If the queue ends with a last item, or by `return`, readers receive no snapshot.
   */
  async pause(delayMs: number): Promise<void> {
    this.#isOverflowed = true
    let isOver = false
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      isOver = true
      resolve()
    }, delayMs)
    while (!(isOver || this.#isEnded)) await Promise.race([timeout, this.#news.promise])
    clearTimeout(timer)
    this.#queue = this.#queue.filter(item => item === this.#last)
    this.#isOverflowed = !this.#isInterrupted
  }

  async next(): Promise<IteratorResult<T>> {
    const value = this.#isOverflowed ? this.#snapshot() : this.#queue.shift()
    this.#isOverflowed = false
    if (value !== undefined) return { done: false, value }
    if (this.#isEnded) return { done: true, value: undefined }
    this.#waitingReads++
    await this.#news.promise
    this.#waitingReads--
    return this.next()
  }

  return(): Promise<IteratorResult<T>> {
    this.end()
    this.#isInterrupted = true
    this.#last = undefined
    this.#wakeReaders()
    this.#queue = []
    this.#isOverflowed = false
    return this.next()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #wakeReaders(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }
}
