/**
 * What one subscriber still has to read. Whoever reads more slowly than things happen does not hold memory: past the
 * bound the backlog is dropped, and what `resync` gives at the moment of the next reading takes its place.
 */
export class Channel<T> implements AsyncIterableIterator<T> {
  readonly #bound: number
  /** How much may wait. After a `resync` that is long itself it is as much more, or that would be dropped before it was read. */
  #room: number
  readonly #resync: () => readonly T[]
  readonly #onReturn: () => void
  #waiting: ((result: IteratorResult<T>) => void)[] = []
  #queue: T[] = []
  #last: T | undefined
  #overflown = false
  #ended = false

  /** `onReturn` is called once, when nobody reads any more or nothing more will come. */
  constructor(bound: number, resync: () => readonly T[], onReturn: () => void) {
    this.#bound = this.#room = bound
    this.#resync = resync
    this.#onReturn = onReturn
  }

  push(item: T): void {
    if (this.#ended || this.#overflown) return
    const reader = this.#waiting.shift()
    if (reader !== undefined) {
      reader({ done: false, value: item })
    } else if (this.#queue.length < this.#room) {
      this.#queue.push(item)
    } else {
      this.#queue = []
      this.#overflown = true
    }
  }

  /** Nothing more will come; what is there can still be read, and `last` after it, however much that is. */
  end(last?: T): void {
    if (this.#ended) return
    if (last !== undefined && this.#waiting.length > 0) this.push(last)
    else this.#last = last
    this.#ended = true
    for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined })
    this.#onReturn()
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#overflown) {
      this.#overflown = false
      this.#queue = [...this.#resync()]
      this.#room = this.#bound + this.#queue.length
    }
    const [value] = this.#queue
    if (value !== undefined) {
      this.#queue.shift()
      if (this.#queue.length === 0) this.#room = this.#bound
      return Promise.resolve({ done: false, value })
    }
    if (this.#last !== undefined) {
      const last = this.#last
      this.#last = undefined
      return Promise.resolve({ done: false, value: last })
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  return(): Promise<IteratorResult<T>> {
    this.#queue = []
    this.#last = undefined
    this.#overflown = false
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
