export const OTHER_LABEL = 'other'

/** Bounds a label whose values clients choose. Keeps the first `maxValues` values and replaces the rest by `other`. */
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

  /** Returns the label for the value without adding the value. */
  peek(value: string): string {
    return this.#values.has(value) ? value : OTHER_LABEL
  }
}
