import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse } from 'graphql'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/config.ts'
import { createSchema } from '../../../src/graphql/schema.ts'
import { createGraph } from '../../../src/graphql/yoga.ts'
import { httpDoor } from '../../../src/http/handler.ts'
import { logOptions } from '../../../src/observability/logger.ts'
import { Operation } from '../../../src/observability/operationRecorder.ts'
import type { GraphContext } from '../../../src/graphql/requestContext.ts'
import { webSocketDoor } from '../../../src/websocket/server.ts'
import { askByWebSocket } from '../../support/webSocket.ts'

/** Each is on the way of a request, and outside any field. */
const PLACES = ['parsing', 'context', 'rate', 'execution', 'answer'] as const
let broken: (typeof PLACES)[number] | 'arrival' | 'id' | null = null

const breakAt = (place: typeof broken): void => {
  if (broken === place) throw new TypeError('secret')
}

class Fragile extends Operation {
  #answers = 0

  constructor(...given: ConstructorParameters<typeof Operation>) {
    breakAt('arrival')
    super(...given)
  }

  override begin(...given: Parameters<Operation['begin']>): void {
    breakAt('execution')
    super.begin(...given)
  }

  override answer(...given: Parameters<Operation['answer']>): void {
    if (this.#answers++ === 0) breakAt('answer')
    super.answer(...given)
  }
}

const logged: string[] = []
const log = pino(logOptions('info'), { write: line => logged.push(line) })
const audience = { log, metrics: null, tracing: null, slowMs: 60_000 }

let server: Server
let url: string
beforeAll(async () => {
  const config = readConfig({})
  const graph = createGraph({
    schema: createSchema('own'),
    config,
    log,
    entrance: 'open',
    documents: {
      text: () => {
        breakAt('id')
        return undefined
      },
      document: text => {
        breakAt('parsing')
        return parse(text)
      },
    },
    rateLimit: async () => {
      breakAt('rate')
      return { remaining: 1, resetMs: 1 }
    },
    contextOf: () => {
      breakAt('context')
      return { client: '', limitTime: () => () => undefined } as unknown as GraphContext
    },
  })
  const maximum = { maximumSubscriptionsPerConnection: 5, maximumMessageBytes: 10_000 }
  const webSocket = webSocketDoor({
    graph,
    log,
    suggestions: true,
    documents: null,
    ...maximum,
    beginOperation: requestId => new Fragile(requestId, audience),
  })
  server = createServer(
    httpDoor({
      graph,
      pages: new Map(),
      graphiql: null,
      origins: new Set(),
      maximumBodyBytes: 10_000,
      reports: { log, suggestions: true },
      entrance: 'open',
      beginOperation: requestId => new Fragile(requestId, audience),
      onResponse: () => undefined,
      onRefusal: () => undefined,
    }),
  ).on('upgrade', (request, socket, head) => webSocket.upgrade(request, socket, head))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
})
afterAll(() => server.close())

const ask = async (accept: string, asked: Record<string, string>, method = 'POST') => {
  const headers = { accept, 'content-type': 'application/json' }
  const response =
    method === 'GET'
      ? await fetch(`${url}?${new URLSearchParams(asked)}`, { headers })
      : await fetch(url, { method, headers, body: JSON.stringify(asked) })
  const text = /\{.*\}/.exec(await response.text())?.[0] ?? 'null'
  return { status: response.status, id: response.headers.get('x-request-id'), body: JSON.parse(text) }
}

const failed = (requestId: unknown) => ({
  errors: [
    { message: 'Something went wrong in the gateway.', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } },
  ],
})

const ACCEPTS = ['application/json', 'application/graphql-response+json', 'text/event-stream', 'multipart/mixed']

describe.each(ACCEPTS)('a mistake of the gateway outside any field, for who accepts %s,', accept => {
  const isTold = async (place: typeof broken, ...asked: readonly [Record<string, string>, string?]) => {
    broken = place
    const { status, id, body } = await ask(accept, ...asked)
    expect([status, body]).toEqual([500, failed(id)])
    const lines = logged.filter(line => line.includes(`"requestId":"${id}"`))
    expect(lines).toEqual([expect.stringMatching(/secret.*unexpected error/)])
  }

  it.each(PLACES)('is 500 by either door, and the log has what it was: in %s', async place => {
    await isTold(place, { query: '{ __typename }' })
    await isTold(place, { query: '{ __typename } # @defer' })
    await isTold(place, { query: '{ __typename }' }, 'GET')
  })

  it('is 500, and the log has what it was, before there is a query', async () => {
    await isTold('arrival', { query: '{ __typename }' })
    await isTold('id', { documentId: 'x' })
    await isTold('id', { documentId: 'x' }, 'GET')
  })
})

it.each(PLACES.filter(place => place !== 'answer'))(
  'a mistake of the gateway is told by WebSocket as well, and does not close it: in %s',
  async place => {
    broken = place
    expect(await askByWebSocket({ url }, { query: '{ __typename }' }, null)).toEqual(failed(expect.any(String)))
  },
)
