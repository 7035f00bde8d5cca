import { GraphQLString } from 'graphql'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'

const account = accountOf('conf0').sid
const sid = (prefix: string, number: number) => `${prefix}${String(number).padStart(32, '0')}`
const aliases = (length: number) => Array.from({ length }, (_, number) => `a${number}: uri`).join(' ')
/** Fields of the type `String` in a turn of the event loop, at most: an object has further fields. */
const MAX_FIELDS_PER_TURN = 10_000

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({
    env: { MAX_QUERY_COST: '1000000000', MAX_PAGE_SIZE: '500', MAX_RESPONSE_BYTES: '268435456' },
  })
  const { rows } = gateway.sandbox
  for (let number = 0; number < 400; number++) {
    rows.addConference({ sid: sid('CF', number), account_sid: account, status: 'COMPLETED' })
  }
})
afterAll(() => gateway.close())

const send = (query: string, accept: string) =>
  fetch(gateway.url, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json', authorization: basic('conf0') },
    body: JSON.stringify({ query }),
  })

/** Counts the completed fields of the type `String`, in total and at most in a turn of the event loop. */
function countFields() {
  const { serialize } = GraphQLString
  const counts = { total: 0, maxPerTurn: 0 }
  let inTurn = 0
  GraphQLString.serialize = value => {
    counts.total++
    inTurn++
    counts.maxPerTurn = Math.max(counts.maxPerTurn, inTurn)
    return serialize.call(GraphQLString, value)
  }
  let immediate = setImmediate(function turn() {
    inTurn = 0
    immediate = setImmediate(turn)
  })
  onTestFinished(() => {
    clearImmediate(immediate)
    GraphQLString.serialize = serialize
  })
  return counts
}

describe('a large query completes its fields in slices, and other requests run in between', () => {
  const large = (directive = '') =>
    `conferences(first: 400) { nodes ${directive} { account { conferences(first: 10) { nodes { ${aliases(30)} } } } } }`

  it.each([
    ['a single response', 'application/json', `{ ${large()} }`],
    ['a part of @defer', 'multipart/mixed', `{ viewer { sid } ... @defer { ${large()} } }`],
    ['the first part of a query with @defer', 'text/event-stream', `{ ${large()} viewer { sid ... @defer { uri } } }`],
    ['a list with @stream', 'multipart/mixed', `{ ${large('@stream(initialCount: 1)')} }`],
  ])('%s leaves the event loop free', async (_title, accept, query) => {
    const fields = countFields()
    let isDone = false
    const answered = send(query, accept).then(async response => {
      const text = await response.text()
      isDone = true
      return text
    })
    let healthChecks = 0
    while (!isDone) {
      const { status } = await fetch(new URL('/health', gateway.url))
      expect(status).toBe(200)
      if (fields.total > 0 && !isDone) healthChecks++
    }
    expect((await answered).length).toBeGreaterThan(5_000_000)
    expect(fields.total).toBeGreaterThan(10 * MAX_FIELDS_PER_TURN)
    expect(fields.maxPerTurn).toBeLessThan(MAX_FIELDS_PER_TURN)
    expect(healthChecks).toBeGreaterThan(2)
  })
})

it('the participants of a list that is completed in slices read their calls with one request', async () => {
  const { rows } = gateway.sandbox
  const running = { account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' } as const
  const conference = rows.addConference(running).sid
  for (let number = 0; number < 400; number++) {
    rows.addCall({
      sid: sid('CA', number),
      account_sid: account,
      status: 'in-progress',
      conference_sid: conference,
    })
  }
  gateway.takeUpstreamRequests()
  const query = `{ conference(sid: "${conference}") { participants(first: 400) { nodes { ${aliases(180)} call { sid } } } } }`
  const { data } = await (await send(query, 'application/json')).json()
  expect(data.conference.participants.nodes[399].call.sid).toMatch(/^CA/)
  expect(gateway.takeUpstreamRequests().filter(request => request.includes('/Calls'))).toHaveLength(1)
})
