import { ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import type { Logger } from 'pino'
import type { Config } from '../../config.ts'

const WARNING_INTERVAL_MS = 60_000

/** Exports spans by OTLP over HTTP as JSON. If an export fails, the spans are lost. */
export function createSpanExporter({ url, headers }: NonNullable<Config['tracing']>, log: Logger): SpanExporter {
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers } })
  let warnedAt = Number.NEGATIVE_INFINITY
  const warnAboutLostSpans = (spans: number, error: Error | undefined) => {
    if (performance.now() - warnedAt < WARNING_INTERVAL_MS) return
    warnedAt = performance.now()
    // Omits the error, which may contain the response of the collector.
    log.warn({ spans, code: (error as NodeJS.ErrnoException | undefined)?.code }, 'trace export failed')
  }
  return {
    export: (spans, done) =>
      exporter.export(spans, result => {
        if (result.code !== ExportResultCode.SUCCESS) warnAboutLostSpans(spans.length, result.error)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  }
}
