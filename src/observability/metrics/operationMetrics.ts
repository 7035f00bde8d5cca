import { Counter, Histogram, type Registry } from 'prom-client'
import { BoundedLabel, OTHER } from './labelLimiter.ts'
import { SECONDS } from './buckets.ts'

/**
 * How an operation ended. With data, and without errors or with some; without data, for a reason on the client's side
 * (`refused`) or on this one (`failed`); or because the client went away.
 */
export type Outcome = 'ok' | 'partial' | 'refused' | 'failed' | 'cancelled'
/** Unknown where it was refused before that was clear. */
export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown'

export interface OperationMetrics {
  /** `name` is the client's; null where it gave none. */
  ended(type: OperationType, name: string | null, outcome: Outcome, seconds: number): void
  /** An error that a client was told, by its `extensions.code`. */
  errorTold(code: unknown): void
  /** An event went to a subscriber. */
  eventSent(): void
  /** A request to the graph was answered with this HTTP status. */
  responded(status: number): void
}

/** Operations are named by clients, so the number of names is bounded. */
const MAXIMUM_NAMES = 200
/** Codes are the gateway's own; this is for the day when one of them is not. */
const MAXIMUM_CODES = 100

/** How often a type and name of operation ended, by outcome. */
type Series = Partial<Record<Outcome, Counter.Internal>>

export const operationMetrics = (registry: Registry): OperationMetrics => {
  const registers = [registry]
  const operations = new Counter({
    name: 'restcomm_graphql_operations_total',
    help: 'Operations that ended, by name, type and outcome.',
    labelNames: ['operation', 'type', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'restcomm_graphql_operation_duration_seconds',
    help: 'From the arrival of an operation to its answer; of a subscription, to its beginning.',
    labelNames: ['type'],
    buckets: SECONDS,
    registers,
  })
  const errors = new Counter({
    name: 'restcomm_graphql_errors_total',
    help: 'Errors that clients were told, by code.',
    labelNames: ['code'],
    registers,
  })
  const events = new Counter({
    name: 'restcomm_graphql_subscription_events_total',
    help: 'Events that were sent to subscribers.',
    registers,
  })
  const responses = new Counter({
    name: 'restcomm_graphql_http_responses_total',
    help: 'HTTP responses of the graph, by status.',
    labelNames: ['status'],
    registers,
  })

  const names = new BoundedLabel(MAXIMUM_NAMES)
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
  const codes = new BoundedLabel(MAXIMUM_CODES)
  const byStatus = new Map<number, Counter.Internal>()

  return {
    ended: (type, name, outcome, seconds) => {
      // Whatever is sent has a name; only those of operations that were answered take a place of their own.
      const isAnswered = outcome === 'ok' || outcome === 'partial'
      const label = name === null ? 'anonymous' : isAnswered ? names.admit(name) : names.known(name)
      let ofName = series[type].get(label)
      if (ofName === undefined) {
        ofName = {}
        series[type].set(label, ofName)
      }
      ofName[outcome] ??= operations.labels(label, type, outcome)
      ofName[outcome].inc()
      timers[type].observe(seconds)
    },
    errorTold: code => {
      const isCode = typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code)
      errors.inc({ code: isCode ? codes.admit(code) : code === undefined ? 'none' : OTHER })
    },
    eventSent: () => events.inc(),
    responded: status => {
      let child = byStatus.get(status)
      if (child === undefined) {
        child = responses.labels(String(status))
        byStatus.set(status, child)
      }
      child.inc()
    },
  }
}
