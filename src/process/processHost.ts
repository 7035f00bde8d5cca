/** Access to the process, implemented by `main.ts`. If an event has a listener, Node does not exit on the event. */
export interface ProcessHost {
  writeStdout(text: string): void
  /** Writes the message to stderr and sets exit code 1. The process ends when the event loop is empty. */
  exitWithError(message: string): void
  exit(code: number): void
  onSignal(listener: (signal: Signal) => void): void
  /** SIGHUP means a closed terminal or a request for a rolling restart. */
  onHangUp(listener: () => void): void
  onUncaughtException(listener: (error: unknown) => void): void
  onUnhandledRejection(listener: (reason: unknown) => void): void
}

export const SIGNALS = ['SIGTERM', 'SIGINT'] as const
export type Signal = (typeof SIGNALS)[number]
