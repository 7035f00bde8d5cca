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
import { createExporter } from './exporter.ts'
import { SpanTrace } from './spanTracer.ts'
import type { Tracing } from './tracing.ts'

type TracingConfig = NonNullable<Config['tracing']>

/** How long what has not been sent yet may hold up the end of the process. Milliseconds. */
const FLUSHING = 3_000

const FROM_HEADERS = {
  keys: (headers: Record<string, unknown>) => Object.keys(headers),
  get: (headers: Record<string, unknown>, name: string) => headers[name] as string | string[] | undefined,
}

export const createTracing = (config: TracingConfig, log: Logger): Tracing => {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': config.serviceName }),
    sampler: samplerOf(config),
    spanProcessors: [new BatchSpanProcessor({ exporter: createExporter(config, log) })],
  })
  const tracer = provider.getTracer('restcomm-graphql')
  const propagator = new W3CTraceContextPropagator()

  return {
    begin: ({ name, attributes, startTime, headers, cause }) => {
      const parent = headers === undefined ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, headers, FROM_HEADERS)
      const links = cause instanceof SpanTrace ? [{ context: cause.spanContext }] : []
      const kind = cause === undefined ? SpanKind.SERVER : SpanKind.INTERNAL
      const span = tracer.startSpan(
        name,
        { kind, attributes, links, ...(startTime !== undefined && { startTime }) },
        parent,
      )
      return new SpanTrace(tracer, propagator, span, trace.setSpan(parent, span))
    },
    close: () => bounded(provider.shutdown()),
  }
}

/** By the names that OpenTelemetry gives them. */
const samplerOf = ({ sampler, ratio }: TracingConfig): Sampler => {
  const root = ROOTS[sampler.replace('parentbased_', '') as keyof typeof ROOTS](ratio)
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

const ROOTS = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio: number) => new TraceIdRatioBasedSampler(ratio),
}

/** What could not be sent is told where it is sent. */
const bounded = async (work: Promise<void>): Promise<void> => {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, FLUSHING)
  await Promise.race([work.catch(() => undefined), late.promise])
  clearTimeout(timer)
}
