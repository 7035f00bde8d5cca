import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

let accounts = 0
const accountWith = (length: number) => {
  const { sid } = gateway.sandbox.rows.addAccount({
    auth_token: 'token',
    email_address: `drift${accounts++}@example.com`,
  })
  const rows = Array.from({ length }, () => gateway.sandbox.rows.addConference({ account_sid: sid }))
  return { as: { user: sid, password: 'token' }, sids: rows.map(row => row.sid).toSorted() }
}

const lostAnchors = async () => {
  const metrics = await (await fetch(gateway.url.replace('/graphql', '/metrics'))).text()
  return Number(/anchors_total\{outcome="lost"\} (\d+)/.exec(metrics)?.[1])
}

it.each(['forwards', 'backwards'])(
  'a client that walks %s sees each conference that was there once, whatever is added',
  async way => {
    const [size, cursor, edge, more] =
      way === 'forwards'
        ? (['first', 'after', 'endCursor', 'hasNextPage'] as const)
        : (['last', 'before', 'startCursor', 'hasPreviousPage'] as const)
    const lost = await lostAnchors()
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 3, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 30, maxLength: 30 }),
        async (length, pageSize, bursts) => {
          const { as, sids } = accountWith(length)
          const seen: string[] = []
          let args = `${size}: ${pageSize}`
          for (let turn = 0; ; turn++) {
            const { data, errors } = await gateway.query(
              `{ conferences(${args}) { nodes { sid } pageInfo { ${edge} ${more} } } }`,
              { as },
            )
            expect(errors).toBeUndefined()
            const page = data.conferences.nodes.map((node: { sid: string }) => node.sid)
            seen[way === 'forwards' ? 'push' : 'unshift'](...page)
            if (!data.conferences.pageInfo[more]) break
            args = `${size}: ${pageSize}, ${cursor}: "${data.conferences.pageInfo[edge]}"`
            // SIDs are random, so new conferences land anywhere.
            for (let left = bursts[turn] ?? 0; left > 0; left--)
              gateway.sandbox.rows.addConference({ account_sid: as.user })
          }
          const there = new Set(sids)
          expect(seen.filter(sid => there.has(sid))).toEqual(sids)
          expect(new Set(seen).size).toBe(seen.length)
        },
      ),
      { numRuns: 40 },
    )
    expect(await lostAnchors()).toBe(lost)
  },
)

it('a cursor whose conference left the list goes on from its position, is counted, and logged', async () => {
  const { as, sids } = accountWith(30)
  const filter = 'filter: { status: RUNNING_MODERATOR_PRESENT }'
  for (const sid of sids) gateway.sandbox.rows.updateConference(sid, { status: 'RUNNING_MODERATOR_PRESENT' })
  const first = await gateway.query(`{ conferences(first: 10, ${filter}) { pageInfo { endCursor } } }`, { as })
  const lost = await lostAnchors()
  gateway.sandbox.rows.updateConference(sids[9] ?? '', { status: 'COMPLETED' })
  const { data } = await gateway.query(
    `{ conferences(first: 10, ${filter}, after: "${first.data.conferences.pageInfo.endCursor}") { nodes { sid } } }`,
    { as },
  )
  expect(data.conferences.nodes.map((node: { sid: string }) => node.sid)).toEqual(sids.slice(10, 20))
  expect(await lostAnchors()).toBe(lost + 1)
  expect(gateway.logged.some(line => line.includes('a cursor outlived its row'))).toBe(true)
})

it('a caller who leaves makes nobody else be skipped or repeated', async () => {
  const { sid: account } = gateway.sandbox.rows.addAccount({
    auth_token: 'token',
    email_address: 'leavers@example.com',
  })
  const room = gateway.sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const calls = Array.from({ length: 40 }, () =>
    gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: room.sid }),
  )
  const seen: string[] = []
  const left = new Set<string>()
  let args = 'first: 6'
  for (;;) {
    const { data } = await gateway.query(
      `{ conference(sid: "${room.sid}") { participants(${args}) { nodes { callSid } pageInfo { endCursor hasNextPage } } } }`,
      { as: { user: account, password: 'token' } },
    )
    const { nodes, pageInfo } = data.conference.participants
    seen.push(...nodes.map((node: { callSid: string }) => node.callSid))
    if (!pageInfo.hasNextPage) break
    args = `first: 6, after: "${pageInfo.endCursor}"`
    // The last one shown, and one who was not shown yet.
    for (const sid of [seen.at(-1), calls.find(call => !seen.includes(call.sid) && !left.has(call.sid))?.sid]) {
      if (sid === undefined) continue
      gateway.sandbox.rows.finishCall(sid)
      left.add(sid)
    }
  }
  expect(new Set(seen).size).toBe(seen.length)
  for (const { sid } of calls) if (!left.has(sid)) expect(seen).toContain(sid)
})
