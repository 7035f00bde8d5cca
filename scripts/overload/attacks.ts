import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { MessageType } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { Delay } from './upstream.ts'

/** The gateway under attack. */
export interface Target {
  /** The GraphQL endpoint. */
  readonly url: string
  /** Delays the answers of Restcomm for an account. */
  readonly setDelay: (delay: Delay) => void
  /** An account of the attacker, which Restcomm accepts. */
  readonly account: { readonly sid: string; readonly password: string }
}

/** Runs until the signal is aborted. */
type Attack = (target: Target, signal: AbortSignal) => Promise<void>

const agent = new Agent({ keepAlive: true, maxSockets: 1_000 })

/** Sends a query, reads and discards the answer. Failures are expected. */
function send({ url }: Target, authorization: string, body: string, accept = 'application/json'): Promise<void> {
  return new Promise(resolve => {
    const headers = { 'content-type': 'application/json', accept, authorization }
    const sent = request(url, { method: 'POST', agent, headers, signal: AbortSignal.timeout(15_000) })
    sent.on('error', () => resolve())
    sent.on('response', response => {
      response.resume().on('close', () => resolve())
    })
    sent.end(body)
  })
}

function basic({ sid, password }: Target['account']): string {
  return `Basic ${Buffer.from(`${sid}:${password}`).toString('base64')}`
}

/** Clients which send the next query after each answer. */
async function repeat(clients: number, signal: AbortSignal, sendOne: (n: number) => Promise<void>): Promise<void> {
  let sent = 0
  const client = async () => {
    while (!signal.aborted) {
      await sendOne(sent++)
      // A refused query is answered at once.
      await delay(10)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
}

const query = (text: string) => JSON.stringify({ query: text })
const aliases = (field: string, count: number) => Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ')

/** Five levels of lists with aliases at the bottom. */
const NESTED = query(
  `{ conferences(first: 13) { nodes ${'{ account { conferences(first: 13) { nodes '.repeat(4)}{ ${aliases('uri', 60)} }${' } } }'.repeat(4)} } }`,
)
/** The largest answers near the default limits of a query. */
const LARGE = query(
  '{ conferences(first: 100) { nodes { account { conferences(first: 100) { nodes { id sid uri friendlyName dateCreated dateUpdated status } } } } } }',
)
const DEFERRED = query(
  '{ conferences(first: 50) { nodes { ... @defer { account { conferences(first: 50) { nodes { id sid uri } } } } } } }',
)
const MANY_REQUESTS = query(
  `{ ${Array.from({ length: 20 }, (_, i) => `p${i}: conferences(first: 100, filter: { friendlyName: "%${'_'.repeat(i % 7)}%" }) { nodes { participants(first: 0) { totalCount } calls(first: 0) { totalCount } } }`).join(' ')} }`,
)
const FEWER_REQUESTS = query(
  '{ conferences(first: 100) { nodes { participants(first: 0) { totalCount } calls(first: 0) { totalCount } } } }',
)
const SMALL = query('{ viewer { sid friendlyName } }')

async function slowReaders({ url, account }: Target, signal: AbortSignal): Promise<void> {
  const { hostname, port, pathname } = new URL(url)
  const head = `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${basic(account)}\r\nContent-Type: application/json\r\nContent-Length: ${LARGE.length}\r\n\r\n`
  const reader = async () => {
    while (!signal.aborted) {
      const socket = connect({ port: Number(port), host: hostname, readableHighWaterMark: 16 } as never)
      socket.on('error', () => socket.destroy())
      socket.pause()
      socket.write(head + LARGE)
      while (!signal.aborted && !socket.destroyed) {
        await delay(1_000)
        socket.read(8)
      }
      socket.destroy()
    }
  }
  await Promise.all(Array.from({ length: 60 }, reader))
}

const SUBSCRIPTIONS_PER_SOCKET = 100
const SOCKET_TIMEOUT_MS = 5_000

/** Opens subscriptions to invented conferences. Resolves when all have ended, or after the time-out. */
function subscribe({ url }: Target, authorization: string): Promise<void> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
  const timer = setTimeout(() => socket.terminate(), SOCKET_TIMEOUT_MS)
  const sendMessage = (message: object) => socket.send(JSON.stringify(message))
  let ended = 0
  socket.on('open', () => sendMessage({ type: MessageType.ConnectionInit, payload: { authorization } }))
  socket.on('message', data => {
    const { type } = JSON.parse(String(data))
    if (type === MessageType.ConnectionAck) {
      for (let i = 0; i < SUBSCRIPTIONS_PER_SOCKET; i++) {
        const text = `subscription { conferenceEvents(sid: "CF${String(i).padStart(32, '0')}") { __typename } }`
        sendMessage({ type: MessageType.Subscribe, id: String(i), payload: { query: text } })
      }
    } else if (type === MessageType.Error || type === MessageType.Complete) {
      ended++
      if (ended === SUBSCRIPTIONS_PER_SOCKET) socket.close()
    }
  })
  socket.on('error', () => socket.terminate())
  return new Promise(resolve => {
    socket.on('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Subscriptions and queries with invented credentials, sent again after each refusal. */
async function inventedCredentials(target: Target, signal: AbortSignal): Promise<void> {
  const invented = () =>
    basic({ sid: `AC${randomBytes(16).toString('hex')}`, password: randomBytes(16).toString('hex') })
  const sockets = repeat(12, signal, async () => {
    await subscribe(target, invented())
    await delay(1_000)
  })
  const queries = repeat(2, signal, () => send(target, invented(), SMALL))
  await Promise.all([sockets, queries])
}

async function withDelay(target: Target, delayMs: number, signal: AbortSignal): Promise<void> {
  const { setDelay, account } = target
  setDelay({ accountSid: account.sid, delayMs })
  const differentQueries = (n: number) => query(`{ conferences(first: ${1 + (n % 100)}) { nodes { sid } } }`)
  await repeat(200, signal, n => send(target, basic(account), differentQueries(n)))
  setDelay({ accountSid: account.sid, delayMs: 0 })
}

async function malformedRequests(target: Target, signal: AbortSignal): Promise<void> {
  const bodies = [
    '{',
    query('{ broken'),
    query(`{ ${'a{'.repeat(5_000)}`),
    query(`{ ${aliases('__typename', 3_000)} }`),
    query(
      `{ conferences(filter: { friendlyName: "${'%'.repeat(4_000)}" }, orderBy: { field: FRIENDLY_NAME, direction: ASC }) { nodes { sid } } }`,
    ),
    query(
      `{ _entities(representations: [{ __typename: "Conference", id: ${'['.repeat(2_000)}${']'.repeat(2_000)} }]) { __typename } }`,
    ),
    `{"query":"{ viewer { sid } }","variables":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    JSON.stringify({ query: `# ${'x'.repeat(900_000)}` }),
  ]
  await repeat(8, signal, n => send(target, basic(target.account), bodies[n % bodies.length] ?? ''))
}

const repeatQuery =
  (clients: number, body: string, accept?: string): Attack =>
  (target, signal) =>
    repeat(clients, signal, () => send(target, basic(target.account), body, accept))

/** Each attack has an account of its own, so that the limits of a caller do not stop several attacks. */
export const ATTACKS: readonly { readonly name: string; readonly account: string; readonly attack: Attack }[] = [
  { name: 'nested lists', account: 'conf49', attack: repeatQuery(4, NESTED) },
  { name: 'large answers', account: 'conf137', attack: repeatQuery(8, LARGE) },
  { name: 'deferred parts', account: 'conf100', attack: repeatQuery(4, DEFERRED, 'multipart/mixed') },
  {
    name: 'many upstream requests',
    account: 'conf51',
    attack: (target, signal) =>
      repeat(4, signal, n => send(target, basic(target.account), n % 2 === 0 ? MANY_REQUESTS : FEWER_REQUESTS)),
  },
  { name: 'invented credentials', account: 'conf0', attack: inventedCredentials },
  {
    name: 'hanging account',
    account: 'mix',
    attack: (target, signal) => withDelay(target, Number.POSITIVE_INFINITY, signal),
  },
  { name: 'slow account', account: 'part', attack: (target, signal) => withDelay(target, 2_000, signal) },
  { name: 'slow readers', account: 'conf101', attack: slowReaders },
  { name: 'malformed requests', account: 'conf1', attack: malformedRequests },
]
