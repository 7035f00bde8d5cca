import type { IncomingHttpHeaders } from 'node:http'
import { type DocumentNode, type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql'
import type { Logger } from 'pino'
import { statusOf } from '../errorCodes.ts'
import { type Attributes, type Span, type Trace, UNTRACED } from '../tracer.ts'
import type { OperationMetrics, OperationType, Outcome } from './metrics/operationMetrics.ts'
import { OperationSpans } from './tracing/operationSpans.ts'
import type { Tracing } from './tracing/tracing.ts'
import { LoggedSpan } from './loggingSpan.ts'

/** Who is told of operations. */
export interface Audience {
  readonly log: Logger
  readonly metrics: OperationMetrics | null
  readonly tracing: Tracing | null
  /** Operations that take longer are logged as slow. Milliseconds. */
  readonly slowMs: number
}

/** A result, or a part of one that comes later. */
export type Result = ExecutionResult & { readonly incremental?: readonly Result[]; readonly hasNext?: boolean }

/** A name of GraphQL's can be of any length. */
const LONGEST_NAME = 100

/**
 * One operation, from its arrival to its answer, as it is counted, traced and logged. It is the trace of what is done for
 * it as well. Neither its text nor its variables are told to anybody.
 */
export class Operation implements Trace {
  readonly requestId: string
  /** What its text says, once that is read. */
  document: DocumentNode | null = null
  /** What it was found to cost, where that was counted. */
  cost: number | null = null
  /** Whose it is, where the client has a name. */
  client: string | null = null
  readonly #audience: Audience
  /** Null where nothing is traced. */
  readonly #spans: OperationSpans | null
  readonly #began = performance.now()
  #type: OperationType = 'unknown'
  #name: string | null = null
  #upstreamRequests = 0
  #hasData = false
  #isFailure = false
  #codes: string[] | null = null
  #isOver = false

  /** `headers` are those of the client's request, where it has them for itself. */
  constructor(requestId: string, audience: Audience, headers?: IncomingHttpHeaders) {
    this.requestId = requestId
    this.#audience = audience
    this.#spans = audience.tracing && new OperationSpans(audience.tracing, headers)
  }

  /** It is about to be executed. */
  begin(document: DocumentNode, operationName: string | null | undefined): void {
    const node = getOperationAST(document, operationName)
    if (node !== null && node !== undefined) {
      this.#type = node.operation
      this.#name = node.name?.value.slice(0, LONGEST_NAME) ?? null
    }
    this.#spans?.begin(node?.operation ?? null, this.#name, performance.now() - this.#began)
  }

  /** Its answer comes in parts. Those of a subscription come for days: what counts is that it has begun. */
  streams(): void {
    if (this.#type !== 'subscription') return
    this.#hasData = true
    this.#end()
  }

  /** The answer, a part of it, or an event of a subscription. As it is shown to the client. */
  answer(result: Result): void {
    if (this.#isOver && this.#type !== 'subscription') return
    this.#note(result)
    if (this.#isOver) this.#sendEvent(result)
    else if (result.hasNext !== true) this.#end()
  }

  /** The client has gone, or there is no more to come. */
  leave(): void {
    this.#end('cancelled')
    this.#spans?.endEvent(null)
  }

  span(name: string, attributes: Attributes): Span {
    const { log } = this.#audience
    const isRequest = 'http.request.method' in attributes
    if (isRequest) this.#upstreamRequests++
    const span = (this.#spans?.current ?? UNTRACED).span(name, attributes)
    return isRequest && log.isLevelEnabled('trace') ? new LoggedSpan(span, log, this.requestId, attributes) : span
  }

  within<T>(name: string, attributes: Attributes, work: () => PromiseLike<T>): PromiseLike<T> {
    return this.#spans === null ? work() : this.#spans.current.within(name, attributes, work)
  }

  #note({ data, errors, incremental = [] }: Result): void {
    if (data !== null && data !== undefined) this.#hasData = true
    if (errors !== undefined) for (const error of errors) this.#noteError(error)
    for (const part of incremental) this.#note(part)
  }

  #noteError(error: GraphQLError): void {
    const { code } = error.extensions
    this.#audience.metrics?.errorTold(code)
    if (statusOf(error) >= 500) this.#isFailure = true
    this.#codes ??= []
    if (!this.#codes.includes(String(code))) this.#codes.push(String(code))
  }

  get #outcome(): Outcome {
    if (this.#hasData) return this.#codes === null ? 'ok' : 'partial'
    return this.#isFailure ? 'failed' : 'refused'
  }

  #end(outcome: Outcome = this.#outcome): void {
    if (this.#isOver) return
    this.#isOver = true
    const milliseconds = performance.now() - this.#began
    this.#audience.metrics?.ended(this.#type, this.#name, outcome, milliseconds / 1_000)
    // Refused before it was clear what it is.
    this.#spans?.begin(null, null, milliseconds)
    this.#spans?.end(
      outcome === 'ok' ? null : (this.#codes?.[0] ?? outcome),
      this.#spanAttributes(outcome),
      milliseconds,
    )
    this.#log(outcome, milliseconds)
  }

  #spanAttributes(outcome: Outcome): Attributes {
    return {
      'graphql.outcome': outcome,
      ...(this.cost !== null && { 'graphql.cost': this.cost }),
      ...(this.#codes !== null && { 'graphql.error.codes': this.#codes.join(' ') }),
    }
  }

  #sendEvent({ errors }: Result): void {
    this.#audience.metrics?.eventSent()
    this.#spans?.endEvent(errors?.[0] === undefined ? null : String(errors[0].extensions.code))
  }

  #log(outcome: Outcome, milliseconds: number): void {
    const { log, slowMs } = this.#audience
    const isSlow = milliseconds > slowMs
    if (!isSlow && !log.isLevelEnabled('debug')) return
    const line = {
      requestId: this.requestId,
      traceId: this.#spans?.traceId,
      client: this.client ?? undefined,
      operation: this.#name,
      type: this.#type,
      outcome,
      codes: this.#codes ?? undefined,
      milliseconds: Math.round(milliseconds * 10) / 10,
      cost: this.cost ?? undefined,
      upstreamRequests: this.#upstreamRequests,
    }
    if (isSlow) log.warn(line, 'slow operation (SLOW_OPERATION_MS)')
    else log.debug(line, 'operation')
  }
}
