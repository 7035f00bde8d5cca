import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, type FaultKind, type FaultSettings, Faults } from './faults/faults.ts'
import { isInstead, misbehave, spoiled } from './faults/injectFault.ts'
import type { Ground } from './http/requestHandler.ts'
import { answer } from './http/requestHandler.ts'
import type { Interception, Interceptor } from './http/interception.ts'
import type { Reply } from './http/response.ts'
import { errorPage, jsonText } from './http/response.ts'
import type { SandboxRequest } from './http/requestLog.ts'
import { RequestLog } from './http/requestLog.ts'
import { BASE_PATH } from './http/resourcePath.ts'
import type { Dialect } from './lists/envelope.ts'
import type { ForeignEnvelopeSettings } from './lists/envelopeRace.ts'
import { ForeignEnvelopes } from './lists/envelopeRace.ts'
import { RowStore } from './rows/rowStore.ts'
import type { Rows } from './rows/rows.ts'

export interface SandboxOptions {
  /** Copied, so one set of rows serves many sandboxes. */
  rows: Rows
  /** Default 0: any free port. */
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** Default connect. */
  dialect?: Dialect
  /** Cloud only: a larger PageSize is cut down to this, and `page_size` says so. */
  maxPageSize?: number
  /** Participants come by the page, which Connect never does. Default false. */
  pagedParticipants?: boolean
  /** Off unless given. */
  foreignEnvelopes?: ForeignEnvelopeSettings
  /** Off unless given. */
  faults?: FaultSettings
  /** Every answer waits this long. Default 0. */
  latencyMs?: number
}

export interface Sandbox {
  /** Everything before `/2012-04-24/`, without a slash at its end. */
  readonly url: string
  readonly rows: RowStore
  readonly requests: readonly SandboxRequest[]
  clearRequests(): void
  setForeignEnvelopes(settings: ForeignEnvelopeSettings | null): void
  setFaults(settings: FaultSettings | null): void
  /** How many requests each kind of fault has struck so far. */
  readonly struck: Readonly<Partial<Record<FaultKind, number>>>
  /** How many connections are open. */
  connections(): Promise<number>
  /** Lets a test answer in the server's place; null ends it. */
  intercept(interceptor: Interceptor | null): void
  /** Drops the connections that are still open. */
  close(): Promise<void>
}

/** Starts a Restcomm over these rows. Rejects when the port is taken. */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const { dialect = 'connect', pagedParticipants = false, host = '127.0.0.1', latencyMs = 0 } = options
  const rows = new RowStore(options.rows)
  const race = new ForeignEnvelopes()
  race.set(options.foreignEnvelopes ?? null)
  const ground: Ground = {
    rows,
    race,
    settings: { dialect, pagedParticipants, maxPageSize: options.maxPageSize ?? null },
  }
  const faults = new Faults()
  faults.set(options.faults ?? null)
  const struck: Partial<Record<FaultKind, number>> = {}
  /** Whoever is struck by another's envelope, is; so this race knows those alone. */
  const lostRace = new ForeignEnvelopes()
  lostRace.set({ rate: 1, mixed: 0.5, seed: options.faults?.seed ?? 1 })
  const log = new RequestLog()
  let interceptor: Interceptor | null = null

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url: target = '/', headers } = request
    const entry = log.add(method, target, headers.accept ?? null)
    const body = await textOf(request)
    if (latencyMs > 0) await delay(latencyMs)
    const intercepted = await interceptor?.({
      method,
      path: target,
      accept: headers.accept ?? null,
      authorization: headers.authorization ?? null,
      headers: request.headers,
    })
    if (intercepted !== undefined) return intercede(response, intercepted, entry)
    const fault = faults.strike()
    if (fault !== null) struck[fault.kind] = (struck[fault.kind] ?? 0) + 1
    if (fault?.kind === 'latency') await delay(fault.waitMs)
    const isAnswered = fault === null || !isInstead(fault) || fault.isDone
    const race = fault?.kind === 'foreignEnvelope' ? lostRace : ground.race
    const reply = isAnswered ? answer({ ...ground, race }, { method, target, headers, body }, entry) : NO_REPLY
    if (fault?.kind === 'reset') response.socket?.resetAndDestroy()
    else if (fault?.kind !== 'halfOpen') write(response, fault === null ? reply : spoiled(reply, fault), entry, fault)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  // Longer than any client keeps an idle connection, so that none is closed under a request.
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
    setForeignEnvelopes: settings => race.set(settings),
    setFaults: settings => faults.set(settings),
    struck,
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

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** In the place of an answer that nobody works out. */
const NO_REPLY: Reply = { status: 500 }

const write = (response: ServerResponse, reply: Reply, entry: SandboxRequest, fault: Fault | null): void => {
  entry.status = reply.status
  entry.rowsSent = reply.rowsSent ?? 0
  const [text, contentType] =
    reply.json !== undefined
      ? [jsonText(reply.json, reply.escapesHtml), 'application/json']
      : [reply.text ?? errorPage(reply.status), reply.contentType ?? 'text/html;charset=iso-8859-1']
  const body = Buffer.from(text)
  response.writeHead(reply.status, {
    ...(body.length > 0 && { 'Content-Type': contentType }),
    'Content-Length': body.length,
    ...reply.headers,
  })
  if (fault === null || !misbehave(response, body, fault)) response.end(body)
}

const intercede = (response: ServerResponse, interception: Interception, entry: SandboxRequest): void => {
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
