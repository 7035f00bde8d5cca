import type { IncomingHttpHeaders } from 'node:http'
import { type Attributes, type Trace, UNTRACED } from '../../tracer.ts'
import type { OperationTrace, Tracing } from './tracing.ts'

/**
 * The spans of one operation. A subscription's own is over when it has begun, since it may last for days: what is done
 * for an event of it hangs below a span of that event.
 */
export class OperationSpans {
  readonly #tracing: Tracing
  readonly #headers: IncomingHttpHeaders | undefined
  #name: string | null = null
  #startTime = 0
  #own: OperationTrace | null = null
  #isSubscription = false
  #isOver = false
  /** Null between events, and for an event that nothing is done for. */
  #event: OperationTrace | null = null

  constructor(tracing: Tracing, headers: IncomingHttpHeaders | undefined) {
    this.#tracing = tracing
    this.#headers = headers
  }

  get traceId(): string | undefined {
    return this.#own?.traceId
  }

  /** It is of this type and name, null where they are not known, and arrived so many milliseconds ago. Counts once. */
  begin(type: string | null, name: string | null, ago: number): void {
    if (this.#own !== null) return
    this.#name = name
    this.#isSubscription = type === 'subscription'
    // By the clock that the spans below go by; the one that measures drifts from it while the process lives.
    this.#startTime = Date.now() - ago
    this.#own = this.#tracing.begin({
      name: type === null ? 'GraphQL Operation' : withName(type, name),
      attributes: { ...(type !== null && { 'graphql.operation.type': type }), ...nameOf(name) },
      startTime: this.#startTime,
      headers: this.#headers,
    })
  }

  /** Below which what is done now hangs. */
  get current(): Trace {
    if (this.#own === null) return UNTRACED
    if (!this.#isSubscription || !this.#isOver) return this.#own
    this.#event ??= this.#tracing.begin({
      name: withName('event', this.#name),
      attributes: nameOf(this.#name),
      cause: this.#own,
    })
    return this.#event
  }

  /** `errorType` is the code of what went wrong, null where nothing did. */
  end(errorType: string | null, attributes: Attributes, milliseconds: number): void {
    this.#own?.end(errorType, attributes, this.#startTime + milliseconds)
    this.#isOver = true
  }

  endEvent(errorType: string | null): void {
    this.#event?.end(errorType, {})
    this.#event = null
  }
}

const withName = (what: string, name: string | null): string => (name === null ? what : `${what} ${name}`)

const nameOf = (name: string | null): Attributes => (name === null ? {} : { 'graphql.operation.name': name })
