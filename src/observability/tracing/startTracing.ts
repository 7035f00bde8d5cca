import type { Logger } from 'pino'
import type { Config } from '../../config.ts'
import type { Tracing } from './tracing.ts'

/** Null where it is not configured, and then nothing of it is loaded. */
export const startTracing = async (config: Config['tracing'], log: Logger): Promise<Tracing | null> => {
  if (config === null) return null
  const { createTracing } = await import('./openTelemetry.ts')
  return createTracing(config, log)
}
