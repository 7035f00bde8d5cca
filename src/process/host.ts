/** What may be done with the process. Only `main` has the process itself. */
export interface Host {
  /** To whoever started it, on standard output. */
  say(text: string): void
  /** Ends the process, once it has nothing left to do, with a sentence that says why and exit code 1. */
  fail(sentence: string): void
  /** Ends it now. */
  exit(code: number): void
  /** Calls back whenever the process is told to stop. From then on that does not end it by itself. */
  onSignal(told: (signal: Signal) => void): void
  /** Calls back whenever whoever is at the terminal is gone, or wants a fresh start. From then on that ends nothing. */
  onHangUp(told: () => void): void
  /** Calls back with what was thrown and not caught. From then on that does not end the process by itself. */
  onUncaughtException(thrown: (error: unknown) => void): void
  /** Calls back with why a promise was rejected that nobody waited for. */
  onUnhandledRejection(rejected: (reason: unknown) => void): void
}

export const SIGNALS = ['SIGTERM', 'SIGINT'] as const
export type Signal = (typeof SIGNALS)[number]
