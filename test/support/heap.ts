import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
export const collectGarbage: () => void = runInNewContext('gc')

const SETTLED_BYTES = 100_000

/** Collects the garbage of earlier tests first. Collects repeatedly, because V8 drops unused code only after several runs. */
export function usedHeapBytes(): number {
  let before = Number.POSITIVE_INFINITY
  let used = process.memoryUsage().heapUsed
  while (before - used > SETTLED_BYTES) {
    before = used
    collectGarbage()
    used = process.memoryUsage().heapUsed
  }
  return used
}
