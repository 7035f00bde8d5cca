/** Stands for every value that came too late. */
export const OTHER = 'other'

/** The values of a label that others choose. There are so many of them at most, those that came first. */
export class BoundedLabel {
  readonly #admitted = new Set<string>()
  readonly #maximum: number

  constructor(maximum: number) {
    this.#maximum = maximum
  }

  /** The value, or `other`. */
  admit(value: string): string {
    if (this.#admitted.has(value)) return value
    if (this.#admitted.size >= this.#maximum) return OTHER
    this.#admitted.add(value)
    return value
  }

  /** The value where it was admitted before, or `other`. */
  known(value: string): string {
    return this.#admitted.has(value) ? value : OTHER
  }
}
