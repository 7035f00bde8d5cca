/**
 * Calls back when the time is up, but not before what has arrived by then was read: a process that stood still for a while
 * finds its timers due before it looks at its sockets. Call what it returns to cancel.
 */
export const afterReading = (milliseconds: number, callback: () => void): (() => void) => {
  let isCancelled = false
  const timer = setTimeout(() => {
    setImmediate(() => {
      if (!isCancelled) callback()
    })
  }, milliseconds)
  return () => {
    isCancelled = true
    clearTimeout(timer)
  }
}
