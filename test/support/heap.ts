import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
export const collectGarbage: () => void = runInNewContext('gc')

/** Collects garbage first, because earlier tests leave different amounts of garbage. */
export function usedHeapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** Collects garbage until the heap no longer shrinks, because V8 drops unused code only after several collections. */
export function settleHeap(): void {
  let before = Number.POSITIVE_INFINITY
  let used = usedHeapBytes()
  while (before - used > 100_000) {
    before = used
    used = usedHeapBytes()
  }
}
