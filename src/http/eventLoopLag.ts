const CHECK_INTERVAL_MS = 100
/** Many times the longest pieces of work of a busy gateway, which take tens of milliseconds. */
const MAX_BUSY_MS = 500

/**
 * Measures how long the event loop computes before the next timer can run, for load shedding. Only CPU time of the thread
 * counts: while the process is suspended or waits for a busy machine, timers are late as well. One large piece of work is
 * not an overload, because the waiting requests are answered next.
 */
export class EventLoopLag {
  readonly #onChange: (isOverloaded: boolean) => void
  readonly #timer: NodeJS.Timeout
  #lastUsage = process.threadCpuUsage()
  #wasBusy = false
  /** Whether the event loop was busy before each of the last two checks. */
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
    const { user, system } = process.threadCpuUsage(this.#lastUsage)
    const isBusy = (user + system) / 1_000 > MAX_BUSY_MS
    const isOverloaded = isBusy && this.#wasBusy
    this.#lastUsage = process.threadCpuUsage()
    this.#wasBusy = isBusy
    if (isOverloaded === this.isOverloaded) return
    this.isOverloaded = isOverloaded
    this.#onChange(isOverloaded)
  }
}
