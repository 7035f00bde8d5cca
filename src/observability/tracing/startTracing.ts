import type { Logger } from 'pino'
import type { Config } from '../../config.ts'
import type { Tracing } from './tracing.ts'

/** Loads OpenTelemetry only if tracing is configured. Returns null without tracing. */
export async function startTracing(config: Config['tracing'], log: Logger): Promise<Tracing | null> {
  if (config === null) return null
  const { createOpenTelemetryTracing } = await import('./openTelemetry.ts')
  return createOpenTelemetryTracing(config, log)
}
