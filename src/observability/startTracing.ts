import { context, diag, logs, propagation, trace } from '@opentelemetry/api'
import type { Logger } from 'pino'

const WARNING_INTERVAL_MS = 60_000
const FLUSH_TIMEOUT_MS = 3_000

/**
 * Starts the OpenTelemetry SDK, which reads the variables `OTEL_*` from the environment. Loads the SDK only here, because
 * the SDK is large. The returned function flushes pending spans, for a few seconds at most.
 */
export async function startTracing(log: Logger): Promise<() => Promise<void>> {
  const [{ NodeSDK }, { setGlobalErrorHandler }, { envDetector, resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
  ])
  const warnAboutLostSpans = createExportWarning(log)
  setGlobalErrorHandler(warnAboutLostSpans)
  // Only the start is logged. Later messages may contain responses of the collector.
  diag.setLogger(createConfigurationLogger(log))
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({ 'service.name': 'restcomm-graphql' }),
    resourceDetectors: [envDetector],
    // The gateway exports only traces: Prometheus reads the metrics, and the log goes to standard error.
    metricReaders: [],
    logRecordProcessors: [],
  })
  sdk.start()
  diag.disable()
  return async () => {
    const timeout = Promise.withResolvers<void>()
    const timer = setTimeout(timeout.resolve, FLUSH_TIMEOUT_MS)
    await Promise.race([sdk.shutdown().catch(warnAboutLostSpans), timeout.promise])
    clearTimeout(timer)
    for (const api of [trace, context, propagation, logs]) api.disable()
  }
}

/** Omits the error, which may contain the response of the collector. */
function createExportWarning(log: Logger): (error: unknown) => void {
  let warnedAt = Number.NEGATIVE_INFINITY
  return error => {
    if (performance.now() - warnedAt < WARNING_INTERVAL_MS) return
    warnedAt = performance.now()
    log.warn({ code: (error as { readonly code?: unknown } | null)?.code }, 'trace export failed')
  }
}

function createConfigurationLogger(log: Logger) {
  const ignore = () => undefined
  const warn = (reason: string) => log.warn({ reason }, 'invalid OpenTelemetry setting')
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore }
}
