import { Pool } from 'undici'
import type { Cancellation } from '../cancellation.ts'
import { RestcommError } from '../errors.ts'
import { type AnswerLimits, type HttpAnswer, HttpExchange } from './dispatch.ts'

export interface HttpOptions extends AnswerLimits {
  /** Up to and including `/restcomm`; `/2012-04-24/…` follows. */
  readonly url: string
  /** Connections kept to the upstream, at most. Further requests wait for one. */
  readonly connections: number
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** Below `/2012-04-24/`, percent-encoded, with the query where there is one. */
  readonly path: string
  readonly form?: URLSearchParams | undefined
  /** The value of the `Authorization` header; null for none. */
  readonly authorization: string | null
  /** Passed on, so that one request can be followed through both logs. */
  readonly requestId?: string | undefined
  /**
   * Gives a GET up. It rejects with the reason then, or with `timedOut` after a long silence. A POST is not broken off
   * once it is sent: nobody would know whether it was done.
   */
  readonly cancellation?: Cancellation | undefined
}

/** Passed on, as W3C Trace Context has it. */
interface TraceHeaders {
  readonly traceparent: string | null
  readonly tracestate: string | null
}

export interface Http {
  /**
   * Sends a request, once. Rejects with a `RestcommError` when there is no complete answer, with its status if the
   * answer began; any status is an answer.
   */
  send(request: HttpRequest, trace?: TraceHeaders): Promise<HttpAnswer>
  close(): Promise<void>
}

const API_VERSION = '2012-04-24'

/**
 * The connections to one Restcomm.
 *
 * It asks by `Accept` and never by the `.json` suffix: with the suffix the server decodes query values twice and loses
 * every character outside the basic plane.
 */
export const createHttp = (options: HttpOptions): Http => {
  const base = new URL(options.url)
  const prefix = `${base.pathname.replace(/\/+$/, '')}/${API_VERSION}/`
  const pool = new Pool(base.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: options.timeoutMs },
    keepAliveTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  })

  const send = (request: HttpRequest, trace?: TraceHeaders): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const cancellation = request.method === 'GET' ? request.cancellation : undefined
      const path = prefix + request.path
      const headers = headersOf(request, trace)
      if (!isSendable(path, headers)) {
        reject(new RestcommError('rejected', 'What was asked for has characters that no request may have.'))
        return
      }
      const exchange = new HttpExchange(cancellation, options, resolve, reject)
      if (exchange.isOver) return
      pool.dispatch({ method: request.method, path, headers, body: request.form?.toString() ?? null }, exchange)
    })

  return { send, close: () => pool.close() }
}

/**
 * Undici refuses what is not, and takes the connection that it was meant for for a busy one from then on: after a few of
 * them there would be none left.
 */
const isSendable = (path: string, headers: readonly string[]): boolean =>
  !/[^\x21-\x7e]/.test(path) && headers.every(text => !/[^\t\x20-\x7e\x80-\xff]/.test(text))

/** Names and values in turn, which undici takes as they are. */
const headersOf = ({ authorization, form, requestId }: HttpRequest, trace: TraceHeaders | undefined): string[] => {
  const headers = ['accept', 'application/json']
  if (authorization !== null) headers.push('authorization', authorization)
  if (form !== undefined) headers.push('content-type', 'application/x-www-form-urlencoded')
  if (requestId !== undefined) headers.push('x-request-id', requestId)
  if (trace?.traceparent) headers.push('traceparent', trace.traceparent)
  if (trace?.tracestate) headers.push('tracestate', trace.tracestate)
  return headers
}
