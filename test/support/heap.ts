import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Bytes, without what nobody can reach any more: how much of that there is depends on the files that ran before. */
export const heapUsed = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
