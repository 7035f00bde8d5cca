const CHECK_INTERVAL_MS = 100
/** Many times the lag of a busy gateway, whose longest pieces of work take tens of milliseconds. */
const MAX_LAG_MS = 500

/**
 * Measures how late timers of the process run, for load shedding. A single late timer is not an overload: after a pause
 * of the machine, or after one large piece of work, the waiting requests are answered.
 */
export class EventLoopLag {
  readonly #onChange: (isOverloaded: boolean) => void
  readonly #timer: NodeJS.Timeout
  #checkedAt = performance.now()
  #wasLate = false
  /** Whether the last two checks were late. */
  isOverloaded = false

  /** `onChange` is called when an overload starts or ends. */
  constructor(onChange: (isOverloaded: boolean) => void) {
    this.#onChange = onChange
    this.#timer = setInterval(() => this.#check(), CHECK_INTERVAL_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #check(): void {
    const now = performance.now()
    const isLate = now - this.#checkedAt - CHECK_INTERVAL_MS > MAX_LAG_MS
    const isOverloaded = isLate && this.#wasLate
    this.#checkedAt = now
    this.#wasLate = isLate
    if (isOverloaded === this.isOverloaded) return
    this.isOverloaded = isOverloaded
    this.#onChange(isOverloaded)
  }
}
