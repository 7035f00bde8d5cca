/** Completes up to about `maxFields` fields, and returns the number of completed fields. */
type Slice = (maxFields: number) => number

/** Waiting executions of all requests. Other work of the event loop runs after each `fieldsPerTurn` fields. */
class TurnQueue {
  /**
   * Fields that an execution completes before it waits, and that all waiting executions together complete in one turn of
   * the event loop. Takes up to 10 ms, so that health checks and small queries are not delayed noticeably.
   */
  fieldsPerTurn = 5_000
  readonly #slices: Slice[] = []
  #isScheduled = false

  /** The slice runs once, after all slices added before, so that executions take turns. */
  add(slice: Slice): void {
    this.#slices.push(slice)
    if (!this.#isScheduled) this.#schedule()
  }

  #schedule(): void {
    this.#isScheduled = true
    setImmediate(() => this.#runTurn())
  }

  #runTurn(): void {
    let fieldCount = 0
    for (let rest = this.#slices.length; rest > 0 && fieldCount < this.fieldsPerTurn; rest--) {
      fieldCount += this.#slices.shift()?.(this.fieldsPerTurn - fieldCount) ?? 0
    }
    this.#isScheduled = false
    if (this.#slices.length > 0) this.#schedule()
  }
}

export const turnQueue = new TurnQueue()
