export const OTHER_LABEL = 'other'

/** Keeps the first `maxValues` values of a label. Replaces further values by `other`. */
export class LabelLimiter {
  readonly #values = new Set<string>()
  readonly #maxValues: number

  constructor(maxValues: number) {
    this.#maxValues = maxValues
  }

  add(value: string): string {
    if (this.#values.has(value)) return value
    if (this.#values.size >= this.#maxValues) return OTHER_LABEL
    this.#values.add(value)
    return value
  }

  /** Returns a known value unchanged, and `other` for an unknown value. */
  peek(value: string): string {
    return this.#values.has(value) ? value : OTHER_LABEL
  }
}
