import type { IncomingHttpHeaders } from 'node:http'
import type { Attributes } from '@opentelemetry/api'
import { type DocumentNode, type ExecutionResult, getOperationAST } from 'graphql'
import type { Logger } from 'pino'
import type { Slot } from '../callerShares.ts'
import { httpStatusOf } from '../errorMapping.ts'
import type { Client, OperationLog } from '../restcomm/principal.ts'
import { clientFields } from './clientFields.ts'
import type { OperationMetrics, OperationType } from './metrics/registry.ts'
import { OperationSpans } from './operationSpans.ts'
import type { RepeatedEvents } from './repeatedEvents.ts'
import type { TopClients } from './topClients.ts'

export interface OperationObservers {
  readonly log: Logger
  readonly events: RepeatedEvents
  readonly topClients: TopClients
  readonly metrics: OperationMetrics
  readonly isTraced: boolean
  readonly slowMs: number
}

/** A complete result, or a payload of incremental delivery. */
export type Result = ExecutionResult & { readonly incremental?: readonly Result[]; readonly hasNext?: boolean }

const MAX_NAME_CHARS = 100

/** Records metrics, spans and the log line of an operation, but no query texts or variables. */
export class OperationRecorder implements OperationLog {
  readonly requestId: string
  /** Null before parsing. */
  document: DocumentNode | null = null
  /** Null before the cost calculation. */
  cost: number | null = null
  /** Null before authentication. */
  client: Client | null = null
  /** Counts towards the limits of concurrent operations until `close`; null before admission. */
  slot: Slot | null = null
  /** Counts towards the limits of large operations until the end of the execution; null for a small operation. */
  largeSlot: Slot | null = null
  /** Number of unreadable values in the result so far, or in the current event of a subscription. */
  decodingErrors = 0
  /** Null without tracing. Must be the active context of OpenTelemetry during execution. */
  readonly spans: OperationSpans | null
  readonly #observers: OperationObservers
  readonly #startedAt = performance.now()
  #type: OperationType = 'unknown'
  #name: string | null = null
  #upstreamRequests = 0
  #hasData = false
  #hasServerError = false
  #codes: string[] | null = null
  #hasEnded = false

  /** `headers` may contain a trace context. Operations of a WebSocket have no headers. */
  constructor(requestId: string, observers: OperationObservers, headers?: IncomingHttpHeaders) {
    this.requestId = requestId
    this.#observers = observers
    this.spans = observers.isTraced ? new OperationSpans(headers) : null
  }

  /** Must be called before execution. */
  start(document: DocumentNode, operationName: string | null | undefined): void {
    const node = getOperationAST(document, operationName)
    if (node === null || node === undefined) return
    this.#type = node.operation
    this.#name = node.name?.value.slice(0, MAX_NAME_CHARS) ?? null
    this.spans?.start(this.#type, this.#name)
  }

  /** Must be called when a stream of results starts. Metrics record a subscription at the start of the stream. */
  startStreaming(): void {
    if (this.#type !== 'subscription') return
    this.#hasData = true
    this.#end()
  }

  /** Must be called with each result, incremental payload and event of the response. */
  recordResult(result: Result): void {
    if (this.#hasEnded && this.#type !== 'subscription') return
    this.#collect(result)
    if (this.#hasEnded) {
      const error = result.errors?.[0]
      this.#observers.metrics.countEvent()
      this.spans?.endEvent(error === undefined ? null : String(error.extensions.code))
    } else if (result.hasNext !== true) {
      this.#end()
    }
  }

  /**
   * Must be called when the client has received the last result or has disconnected. Unfinished operations count as
   * cancelled. Further calls have no effect.
   */
  close(): void {
    this.slot?.release()
    this.#end('cancelled')
    this.spans?.endEvent(null)
  }

  requestStarted(): void {
    this.#upstreamRequests++
  }

  requestEnded(attributes: Attributes, milliseconds: number, status: number | null, error: unknown): void {
    const { log } = this.#observers
    if (!log.isLevelEnabled('trace')) return
    const result = { 'http.response.status_code': status ?? undefined, err: error ?? undefined }
    const fields = { requestId: this.requestId, ...attributes, milliseconds: roundToTenths(milliseconds) }
    log.trace({ ...fields, ...result }, 'upstream request')
  }

  cursorDrifted(distance: number | null): void {
    const { log, events, metrics } = this.#observers
    const { requestId, client } = this
    metrics.countCursorDrift(distance === null ? 'lost' : 'moved')
    const fields = { requestId, ...clientFields(client) }
    if (distance === null) events.write('warn', client?.clientId ?? '', fields, 'cursor row not found')
    else log.debug({ requestId, distance }, 'cursor row found at a different position')
  }

  #collect({ data, errors = [], incremental = [] }: Result): void {
    // If each top-level field has failed, the data has only nulls. Without errors, null is a valid result.
    const hasData = errors.length === 0 || Object.values(data ?? {}).some(value => value !== null)
    if (data && hasData) this.#hasData = true
    for (const error of errors) {
      const code = String(error.extensions.code)
      this.#observers.metrics.countError(error.extensions.code)
      if (httpStatusOf(error) >= 500) this.#hasServerError = true
      this.#codes ??= []
      if (!this.#codes.includes(code)) this.#codes.push(code)
    }
    for (const part of incremental) this.#collect(part)
  }

  #end(endedBy?: 'cancelled'): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.largeSlot?.release()
    const { log, events, topClients, metrics, slowMs } = this.#observers
    const dataOutcome = this.#codes === null ? 'ok' : 'partial'
    const failure = this.#hasServerError ? 'failed' : 'refused'
    const outcome = endedBy ?? (this.#hasData ? dataOutcome : failure)
    const milliseconds = performance.now() - this.#startedAt
    // The cost of a rejected operation was not spent.
    const spentCost = this.#hasData ? (this.cost ?? 1) : 1
    if (this.client !== null) topClients.record(this.client, spentCost, this.#upstreamRequests, milliseconds)
    metrics.countOperation(this.#type, this.#name, outcome, milliseconds / 1_000)
    this.spans?.end(outcome === 'ok' ? null : (this.#codes?.[0] ?? outcome), {
      'graphql.outcome': outcome,
      'graphql.cost': this.cost ?? undefined,
      'graphql.error.codes': this.#codes?.join(' '),
    })
    const isSlow = milliseconds > slowMs
    if (!isSlow && !log.isLevelEnabled('debug')) return
    const fields = {
      requestId: this.requestId,
      traceId: this.spans?.traceId,
      ...clientFields(this.client),
      operation: this.#name,
      type: this.#type,
      outcome,
      codes: this.#codes ?? undefined,
      milliseconds: roundToTenths(milliseconds),
      cost: this.cost ?? undefined,
      upstreamRequests: this.#upstreamRequests,
    }
    if (isSlow) events.write('warn', `${this.#name} ${this.client?.clientId}`, fields, 'slow operation')
    else log.debug(fields, 'operation')
  }
}

function roundToTenths(value: number): number {
  return Math.round(value * 10) / 10
}
