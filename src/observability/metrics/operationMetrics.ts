import { Counter, Histogram, type Registry } from 'prom-client'
import { DURATION_BUCKETS_SECONDS } from './durationBuckets.ts'
import { LabelLimiter, OTHER_LABEL } from './labelLimiter.ts'

/**
 * - `ok`: data without errors.
 * - `partial`: data with errors.
 * - `refused`: no data; the request is at fault.
 * - `failed`: no data; the gateway or Restcomm is at fault.
 * - `cancelled`: the client disconnected.
 */
export type OperationOutcome = 'ok' | 'partial' | 'refused' | 'failed' | 'cancelled'
/** An operation rejected before execution, for example because of a parse error, has the type `unknown`. */
export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown'

export interface OperationMetrics {
  countOperation(type: OperationType, name: string | null, outcome: OperationOutcome, seconds: number): void
  /** `code` is the `extensions.code` of an error in a response. */
  countError(code: unknown): void
  countEvent(): void
  /** Counts HTTP responses at `/graphql`. */
  countResponse(status: number): void
}

const MAX_OPERATION_NAMES = 200
/** The limit is only a safeguard, because the gateway and Yoga define fewer codes. */
const MAX_ERROR_CODES = 100

type Series = Partial<Record<OperationOutcome, Counter.Internal>>

export function createOperationMetrics(registry: Registry): OperationMetrics {
  const registers = [registry]
  const operations = new Counter({
    name: 'restcomm_graphql_operations_total',
    help: 'Finished operations by name, type and outcome.',
    labelNames: ['operation', 'type', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'restcomm_graphql_operation_duration_seconds',
    help: 'Time from arrival to response by type; for subscriptions, to the start of the stream.',
    labelNames: ['type'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  })
  const errors = new Counter({
    name: 'restcomm_graphql_errors_total',
    help: 'Errors in responses by code.',
    labelNames: ['code'],
    registers,
  })
  const events = new Counter({
    name: 'restcomm_graphql_subscription_events_total',
    help: 'Events sent to subscribers.',
    registers,
  })
  const responses = new Counter({
    name: 'restcomm_graphql_http_responses_total',
    help: 'HTTP responses at /graphql by status.',
    labelNames: ['status'],
    registers,
  })

  const names = new LabelLimiter(MAX_OPERATION_NAMES)
  const series: Record<OperationType, Map<string, Series>> = {
    query: new Map(),
    mutation: new Map(),
    subscription: new Map(),
    unknown: new Map(),
  }
  const timers = {
    query: durations.labels('query'),
    mutation: durations.labels('mutation'),
    subscription: durations.labels('subscription'),
    unknown: durations.labels('unknown'),
  }
  const codes = new LabelLimiter(MAX_ERROR_CODES)
  const byStatus = new Map<number, Counter.Internal>()

  return {
    countOperation: (type, name, outcome, seconds) => {
      // Only successful operations add names, because rejected operations can have any number of names.
      const isSuccessful = outcome === 'ok' || outcome === 'partial'
      const label = name === null ? 'anonymous' : isSuccessful ? names.add(name) : names.peek(name)
      let counters = series[type].get(label)
      if (counters === undefined) {
        counters = {}
        series[type].set(label, counters)
      }
      counters[outcome] ??= operations.labels(label, type, outcome)
      counters[outcome].inc()
      timers[type].observe(seconds)
    },
    countError: code => {
      const isCode = typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code)
      errors.inc({ code: isCode ? codes.add(code) : code === undefined ? 'none' : OTHER_LABEL })
    },
    countEvent: () => events.inc(),
    countResponse: status => {
      let child = byStatus.get(status)
      if (child === undefined) {
        child = responses.labels(String(status))
        byStatus.set(status, child)
      }
      child.inc()
    },
  }
}
