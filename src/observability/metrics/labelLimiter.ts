export const OTHER_LABEL = 'other'

/** Bounds a label with values chosen by clients: keeps the first `maxValues` values, replaces the rest by `other`. */
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

  /** The label for the value; the value is not added. */
  peek(value: string): string {
    return this.#values.has(value) ? value : OTHER_LABEL
  }
}
