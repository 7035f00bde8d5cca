import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
export const collectGarbage: () => void = runInNewContext('gc')

/** Collects garbage first, because earlier tests leave different amounts of garbage. */
export function usedHeapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
