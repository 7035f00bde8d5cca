import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { corruptResponse, replacesResponse, sendFaultyBody } from './faults/applyFault.ts'
import { type Fault, FaultInjector, type FaultKind, type FaultSettings } from './faults/faultInjector.ts'
import type { Interception, Interceptor } from './http/interceptor.ts'
import type { HandlerState } from './http/requestHandler.ts'
import { handleRequest } from './http/requestHandler.ts'
import type { SandboxRequest } from './http/requestLog.ts'
import { RequestLog } from './http/requestLog.ts'
import { BASE_PATH } from './http/resourcePath.ts'
import type { SandboxResponse } from './http/response.ts'
import { errorPage, jsonText } from './http/response.ts'
import type { Dialect } from './lists/envelope.ts'
import type { EnvelopeMismatchSettings } from './lists/envelopeMismatchSimulator.ts'
import { EnvelopeMismatchSimulator } from './lists/envelopeMismatchSimulator.ts'
import { RowStore } from './rows/rowStore.ts'
import type { Rows } from './rows/rows.ts'

export interface SandboxOptions {
  /** The sandbox copies the rows, so several sandboxes can start from the same object. */
  rows: Rows
  /** Default 0, which selects any free port. */
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** Default connect. */
  dialect?: Dialect
  /** Limits PageSize in the `cloud` dialect; `page_size` in the envelope shows the limited value. */
  maxPageSize?: number
  /** Whether participants are split into pages. Connect sends all participants on every page. Default false. */
  pagedParticipants?: boolean
  /** Simulates Restcomm's envelopes with values of a concurrent request. Default: no simulation. */
  mismatchedEnvelopes?: EnvelopeMismatchSettings
  /** Default: no faults. */
  faults?: FaultSettings
  /** Delay of every response. Default 0. */
  latencyMs?: number
}

export interface Sandbox {
  /** The value for RESTCOMM_URL. Ends with `/restcomm`. */
  readonly url: string
  readonly rows: RowStore
  readonly requests: readonly SandboxRequest[]
  clearRequests(): void
  setMismatchedEnvelopes(settings: EnvelopeMismatchSettings | null): void
  setFaults(settings: FaultSettings | null): void
  /** Number of requests with an injected fault, per kind of fault. */
  readonly faultCounts: Readonly<Partial<Record<FaultKind, number>>>
  connections(): Promise<number>
  /** Lets the interceptor respond to requests before the sandbox does. Null removes the interceptor. */
  intercept(interceptor: Interceptor | null): void
  /** Stops the server and destroys open connections. */
  close(): Promise<void>
}

/** Rejects if the port is in use. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dialect = 'connect', pagedParticipants = false, host = '127.0.0.1', latencyMs = 0 } = options
  const rows = new RowStore(options.rows)
  const mismatchSimulator = new EnvelopeMismatchSimulator()
  mismatchSimulator.set(options.mismatchedEnvelopes ?? null)
  const state: HandlerState = {
    rows,
    mismatchSimulator,
    settings: { dialect, pagedParticipants, maxPageSize: options.maxPageSize ?? null },
  }
  const faults = new FaultInjector()
  faults.set(options.faults ?? null)
  const faultCounts: Partial<Record<FaultKind, number>> = {}
  /** Mismatches every envelope, because only requests with a `mismatchedEnvelope` fault use the simulator. */
  const alwaysMismatched = new EnvelopeMismatchSimulator()
  alwaysMismatched.set({ rate: 1, mixed: 0.5, seed: options.faults?.seed ?? 1 })
  const log = new RequestLog()
  let interceptor: Interceptor | null = null

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url: target = '/', headers } = request
    const entry = log.add(method, target, headers.accept ?? null)
    const body = await readText(request)
    if (latencyMs > 0) await delay(latencyMs)
    const intercepted = await interceptor?.({
      method,
      path: target,
      accept: headers.accept ?? null,
      authorization: headers.authorization ?? null,
      headers: request.headers,
    })
    if (intercepted !== undefined) return respondIntercepted(response, intercepted, entry)
    const fault = faults.next()
    if (fault !== null) faultCounts[fault.kind] = (faultCounts[fault.kind] ?? 0) + 1
    if (fault?.kind === 'latency') await delay(fault.waitMs)
    const isHandled = fault === null || !replacesResponse(fault) || fault.isExecuted
    const requestState =
      fault?.kind === 'mismatchedEnvelope' ? { ...state, mismatchSimulator: alwaysMismatched } : state
    const result = isHandled ? handleRequest(requestState, { method, target, headers, body }, entry) : UNUSED_RESPONSE
    if (fault?.kind === 'reset') response.socket?.resetAndDestroy()
    else if (fault?.kind !== 'halfOpen')
      sendResponse(response, fault === null ? result : corruptResponse(result, fault), entry, fault)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  // Longer than the idle timeout of any client, so that the server never closes a connection while a request arrives.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}${BASE_PATH}`,
    rows,
    get requests() {
      return log.requests
    },
    clearRequests: () => log.clear(),
    setMismatchedEnvelopes: settings => mismatchSimulator.set(settings),
    setFaults: settings => faults.set(settings),
    faultCounts,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      }),
    intercept: next => {
      interceptor = next
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** The result if a fault prevents the execution. Clients never receive the 500, because `replacesResponse` is true. */
const UNUSED_RESPONSE: SandboxResponse = { status: 500 }

function sendResponse(
  response: ServerResponse,
  result: SandboxResponse,
  entry: SandboxRequest,
  fault: Fault | null,
): void {
  entry.status = result.status
  entry.rowsSent = result.rowsSent ?? 0
  const [text, contentType] =
    result.json !== undefined
      ? [jsonText(result.json, result.escapesHtml), 'application/json']
      : [result.text ?? errorPage(result.status), result.contentType ?? 'text/html;charset=iso-8859-1']
  const body = Buffer.from(text)
  response.writeHead(result.status, {
    ...(body.length > 0 && { 'Content-Type': contentType }),
    'Content-Length': body.length,
    ...result.headers,
  })
  if (fault === null || !sendFaultyBody(response, body, fault)) response.end(body)
}

function respondIntercepted(response: ServerResponse, interception: Interception, entry: SandboxRequest): void {
  if (interception === 'hang') return
  if (interception === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  const { status, body = '', headers, cut } = interception
  entry.status = status
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'Content-Length': bytes.length, ...headers })
  if (cut === undefined) response.end(bytes)
  else response.write(bytes.subarray(0, cut), () => response.destroy())
}
