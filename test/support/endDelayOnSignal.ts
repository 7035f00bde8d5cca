/**
 * Preloaded into a gateway by `node --import`. SIGUSR2 ends a shutdown delay of the maximum length, so that a test can
 * end the delay after all its steps, on machines of any speed.
 */
const MAX_SHUTDOWN_DELAY_MS = 600_000

const ended = new Promise(resolve => {
  process.once('SIGUSR2', resolve)
})
const { setTimeout: originalSetTimeout } = globalThis
const setTimeoutOrEnd = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
  if (ms === MAX_SHUTDOWN_DELAY_MS) void ended.then(callback)
  return originalSetTimeout(callback, ms, ...args)
}
globalThis.setTimeout = Object.assign(setTimeoutOrEnd, originalSetTimeout)
