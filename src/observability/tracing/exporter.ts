import { ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import type { Logger } from 'pino'
import type { Config } from '../../config.ts'

/** A collector that is away is told once in so long. Milliseconds. */
const QUIET = 60_000

/** OTLP over HTTP, as JSON. What is not taken is lost, and the log says so; nobody waits for it. */
export const createExporter = ({ url, headers }: NonNullable<Config['tracing']>, log: Logger): SpanExporter => {
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers } })
  let saidAt = Number.NEGATIVE_INFINITY
  const lost = (spans: number, error: Error | undefined) => {
    if (performance.now() - saidAt < QUIET) return
    saidAt = performance.now()
    // Not the error itself: it may have what the collector answered in it.
    log.warn({ spans, code: (error as NodeJS.ErrnoException | undefined)?.code }, 'the trace collector takes no spans')
  }
  return {
    export: (spans, done) =>
      exporter.export(spans, result => {
        if (result.code !== ExportResultCode.SUCCESS) lost(spans.length, result.error)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  }
}
