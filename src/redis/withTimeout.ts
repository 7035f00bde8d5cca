import { afterReading } from './setTimeoutAfterIo.ts'

/** Rejects where there is no answer in time. */
export const within = async (ms: number, answer: Promise<unknown>): Promise<void> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const cancel = afterReading(ms, () => reject(new Error('Redis does not answer.')))
  try {
    await Promise.race([answer, late])
  } finally {
    cancel()
  }
}
