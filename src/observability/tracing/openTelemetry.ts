import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Logger } from 'pino'
import type { Config } from '../../config.ts'
import { createSpanExporter } from './exporter.ts'
import { SpanTracer } from './spanTracer.ts'
import type { Tracing } from './tracing.ts'

type TracingConfig = NonNullable<Config['tracing']>

const FLUSH_TIMEOUT_MS = 3_000

const HEADER_GETTER = {
  keys: (headers: Record<string, unknown>) => Object.keys(headers),
  get: (headers: Record<string, unknown>, name: string) => headers[name] as string | string[] | undefined,
}

export function createOpenTelemetryTracing(config: TracingConfig, log: Logger): Tracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': config.serviceName }),
    sampler: createSampler(config),
    spanProcessors: [new BatchSpanProcessor({ exporter: createSpanExporter(config, log) })],
  })
  const tracer = provider.getTracer('restcomm-graphql')
  const propagator = new W3CTraceContextPropagator()

  return {
    startOperation: ({ name, attributes, startTime, headers, linkedTo }) => {
      const parent = headers === undefined ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, headers, HEADER_GETTER)
      const links = linkedTo instanceof SpanTracer ? [{ context: linkedTo.spanContext }] : []
      const kind = linkedTo === undefined ? SpanKind.SERVER : SpanKind.INTERNAL
      const span = tracer.startSpan(
        name,
        { kind, attributes, links, ...(startTime !== undefined && { startTime }) },
        parent,
      )
      return new SpanTracer(tracer, propagator, span, trace.setSpan(parent, span))
    },
    close: () => withFlushTimeout(provider.shutdown()),
  }
}

function createSampler({ sampler, ratio }: TracingConfig): Sampler {
  const root = ROOT_SAMPLERS[sampler.replace('parentbased_', '') as keyof typeof ROOT_SAMPLERS](ratio)
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

const ROOT_SAMPLERS = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio: number) => new TraceIdRatioBasedSampler(ratio),
}

/** Ignores a failed flush, because the exporter logs the failure. */
async function withFlushTimeout(flush: Promise<void>): Promise<void> {
  const timeout = Promise.withResolvers<void>()
  const timer = setTimeout(timeout.resolve, FLUSH_TIMEOUT_MS)
  await Promise.race([flush.catch(() => undefined), timeout.promise])
  clearTimeout(timer)
}
