import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse } from 'graphql'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/config.ts'
import type { Context } from '../../../src/context.ts'
import { createDocumentAnalyzer } from '../../../src/graphql/analyzeDocument.ts'
import { createSchema } from '../../../src/graphql/schema.ts'
import { createGraphQLServer } from '../../../src/graphql/yoga.ts'
import { createHttpHandler } from '../../../src/http/handler.ts'
import { UnsentBytes } from '../../../src/http/unsentBytes.ts'
import { loggerOptions } from '../../../src/observability/logger.ts'
import { createMetricsRegistry } from '../../../src/observability/metrics/registry.ts'
import { OperationRecorder } from '../../../src/observability/operationRecorder.ts'
import { RepeatedEvents } from '../../../src/observability/repeatedEvents.ts'
import { TopClients } from '../../../src/observability/topClients.ts'
import { RecentCallers } from '../../../src/restcomm/recentCallers.ts'
import { createWebSocketServer } from '../../../src/websocket/server.ts'
import { queryByWebSocket } from '../../support/webSocket.ts'

/** Stages of request processing outside of resolvers. */
const STAGES = ['parsing', 'context', 'rateLimit', 'execution', 'result'] as const
let failingStage: (typeof STAGES)[number] | 'arrival' | 'documentId' | null = null

const failAt = (stage: typeof failingStage): void => {
  if (failingStage === stage) throw new TypeError('secret')
}

class FailingRecorder extends OperationRecorder {
  #answers = 0

  constructor(...given: ConstructorParameters<typeof OperationRecorder>) {
    failAt('arrival')
    super(...given)
  }

  override start(...given: Parameters<OperationRecorder['start']>): void {
    failAt('execution')
    super.start(...given)
  }

  override recordResult(...given: Parameters<OperationRecorder['recordResult']>): void {
    if (this.#answers++ === 0) failAt('result')
    super.recordResult(...given)
  }
}

const logged: string[] = []
const log = pino(loggerOptions('info'), { write: line => logged.push(line) })
const { operations: metrics } = createMetricsRegistry(() => {
  throw new Error('The test does not collect metrics.')
})
const events = new RepeatedEvents(log)
const topClients = new TopClients(log)
const observers = { log, events, topClients, metrics, isTraced: false, slowMs: 60_000 }

let server: Server
let url: string
beforeAll(async () => {
  const config = readConfig({})
  const schema = createSchema()
  const errorReporting = { log, events, suggestions: true, maxResponseBytes: config.http.maxResponseBytes }
  const graphql = createGraphQLServer({
    schema,
    analyzeDocument: createDocumentAnalyzer(schema, config.limits),
    config,
    errorReporting,
    authMode: 'anonymous',
    trustedDocuments: {
      text: () => {
        failAt('documentId')
        return undefined
      },
      document: text => {
        failAt('parsing')
        return parse(text)
      },
    },
    clientLimits: {
      rateLimit: async () => {
        failAt('rateLimit')
        return { remaining: 1, resetMs: 1 }
      },
      operationLimits: { admit: () => undefined },
    },
    buildContext: () => {
      failAt('context')
      return { clientId: '' } as Context
    },
  })
  const unsentBytes = new UnsentBytes(1_000_000, new RecentCallers(), () => undefined)
  const webSocket = createWebSocketServer({
    graphql,
    unsentBytes,
    isOverloaded: () => false,
    ...errorReporting,
    trustedDocuments: null,
    maxSubscriptionsPerConnection: 5,
    maxMessageBytes: 10_000,
    startOperation: requestId => new FailingRecorder(requestId, observers),
  })
  server = createServer(
    createHttpHandler({
      graphql,
      unsentBytes,
      isOverloaded: () => false,
      routes: new Map(),
      graphiql: null,
      trustedOrigins: new Set(),
      maxBodyBytes: 10_000,
      errorReporting,
      authMode: 'anonymous',
      startOperation: requestId => new FailingRecorder(requestId, observers),
      onResponse: () => undefined,
      onRejected: () => undefined,
    }),
  ).on('upgrade', (request, socket, head) => webSocket.upgrade(request, socket, head))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
})
afterAll(() => server.close())

const send = async (accept: string, params: Record<string, string>, method = 'POST') => {
  const headers = { accept, 'content-type': 'application/json' }
  const response =
    method === 'GET'
      ? await fetch(`${url}?${new URLSearchParams(params)}`, { headers })
      : await fetch(url, { method, headers, body: JSON.stringify(params) })
  const text = /\{.*\}/.exec(await response.text())?.[0] ?? 'null'
  return { status: response.status, id: response.headers.get('x-request-id'), body: JSON.parse(text) }
}

const internalError = (requestId: unknown) => ({
  errors: [
    { message: 'Something went wrong in the gateway.', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } },
  ],
})

const ACCEPTS = ['application/json', 'application/graphql-response+json', 'text/event-stream', 'multipart/mixed']

describe.each(ACCEPTS)('unexpected errors outside resolvers with `Accept: %s`', accept => {
  const expectLogged500 = async (
    stage: typeof failingStage,
    ...request: readonly [Record<string, string>, string?]
  ) => {
    failingStage = stage
    const { status, id, body } = await send(accept, ...request)
    expect([status, body]).toEqual([500, internalError(id)])
    const lines = logged.filter(line => line.includes(`"requestId":"${id}"`))
    expect(lines).toEqual([expect.stringMatching(/secret.*unexpected error/)])
  }

  it.each(STAGES)(
    `an exception during %s with \`Accept: ${accept}\` is a masked 500, by POST and GET, and is logged once`,
    async stage => {
      await expectLogged500(stage, { query: '{ __typename }' })
      await expectLogged500(stage, { query: '{ __typename } # @defer' })
      await expectLogged500(stage, { query: '{ __typename }' }, 'GET')
    },
  )

  it(`an exception before parsing with \`Accept: ${accept}\` is a masked 500 and is logged once`, async () => {
    await expectLogged500('arrival', { query: '{ __typename }' })
    await expectLogged500('documentId', { documentId: 'x' })
    await expectLogged500('documentId', { documentId: 'x' }, 'GET')
  })
})

it.each(STAGES.filter(stage => stage !== 'result'))(
  'an exception during %s is a masked error over WebSocket, which stays open',
  async stage => {
    failingStage = stage
    expect(await queryByWebSocket({ url }, { query: '{ __typename }' }, null)).toEqual(
      internalError(expect.any(String)),
    )
  },
)
