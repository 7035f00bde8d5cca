/** One who stands in a line. */
export interface Place {
  readonly call: () => void
  before: Place | null
  after: Place | null
  /** Whether it has neither been called nor left. */
  stands: boolean
}

/**
 * First come, first served, and whoever leaves is gone at once. A `Set` would do, but to find the first of it takes a look
 * at each that has gone before, of which there are thousands, and it hashes each who comes.
 */
export class Line {
  #first: Place | null = null
  #last: Place | null = null
  #length = 0

  get length(): number {
    return this.#length
  }

  join(call: () => void): Place {
    const place: Place = { call, before: this.#last, after: null, stands: true }
    if (this.#last === null) this.#first = place
    else this.#last.after = place
    this.#last = place
    this.#length++
    return place
  }

  /** For a place of this line. Nothing happens to one that stands in it no more. */
  leave(place: Place): void {
    if (!place.stands) return
    const { before, after } = place
    if (before === null) this.#first = after
    else before.after = after
    if (after === null) this.#last = before
    else after.before = before
    place.before = place.after = null
    place.stands = false
    this.#length--
  }

  /** Takes the first out of the line; null where nobody stands in it. */
  shift(): Place | null {
    const first = this.#first
    if (first !== null) this.leave(first)
    return first
  }
}
