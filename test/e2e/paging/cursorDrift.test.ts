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

const lostCursorCount = async () => {
  const metrics = await (await fetch(gateway.url.replace('/graphql', '/metrics'))).text()
  const count = /cursor_drift_total\{outcome="lost"\} (\d+)/.exec(metrics)?.[1]
  if (count === undefined) throw new Error('The metrics have no count of lost cursors.')
  return Number(count)
}

it.each(['forwards', 'backwards'])(
  'paging %s returns every initial conference exactly once while conferences are added',
  async direction => {
    const [size, cursor, edge, hasMore] =
      direction === 'forwards'
        ? (['first', 'after', 'endCursor', 'hasNextPage'] as const)
        : (['last', 'before', 'startCursor', 'hasPreviousPage'] as const)
    const lost = await lostCursorCount()
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 3, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 30, maxLength: 30 }),
        async (length, pageSize, additions) => {
          const { as, sids } = accountWith(length)
          const seen: string[] = []
          let args = `${size}: ${pageSize}`
          for (let pageNumber = 0; ; pageNumber++) {
            const { data, errors } = await gateway.query(
              `{ conferences(${args}) { nodes { sid } pageInfo { ${edge} ${hasMore} } } }`,
              { as },
            )
            expect(errors).toBeUndefined()
            const page = data.conferences.nodes.map((node: { sid: string }) => node.sid)
            seen[direction === 'forwards' ? 'push' : 'unshift'](...page)
            if (!data.conferences.pageInfo[hasMore]) break
            args = `${size}: ${pageSize}, ${cursor}: "${data.conferences.pageInfo[edge]}"`
            // SIDs are random, so conferences are added at random positions.
            for (let i = additions[pageNumber] ?? 0; i > 0; i--)
              gateway.sandbox.rows.addConference({ account_sid: as.user })
          }
          const initialSids = new Set(sids)
          expect(seen.filter(sid => initialSids.has(sid))).toEqual(sids)
          expect(new Set(seen).size).toBe(seen.length)
        },
      ),
      // Every run looks up a cursor for each of its pages.
      { numRuns: 20 },
    )
    expect(await lostCursorCount()).toBe(lost)
  },
)

it('paging continues from the position of a cursor if the conference left the list, with a metric and a log warning', async () => {
  const { as, sids } = accountWith(30)
  const filter = 'filter: { status: RUNNING_MODERATOR_PRESENT }'
  for (const sid of sids) gateway.sandbox.rows.updateConference(sid, { status: 'RUNNING_MODERATOR_PRESENT' })
  const first = await gateway.query(`{ conferences(first: 10, ${filter}) { pageInfo { endCursor } } }`, { as })
  const lost = await lostCursorCount()
  gateway.sandbox.rows.updateConference(sids[9] ?? '', { status: 'COMPLETED' })
  const { data } = await gateway.query(
    `{ conferences(first: 10, ${filter}, after: "${first.data.conferences.pageInfo.endCursor}") { nodes { sid } } }`,
    { as },
  )
  expect(data.conferences.nodes.map((node: { sid: string }) => node.sid)).toEqual(sids.slice(10, 20))
  expect(await lostCursorCount()).toBe(lost + 1)
  expect(gateway.logged.some(line => line.includes('cursor row not found'))).toBe(true)
})

it('participants who leave during paging cause no skipped or repeated participants', async () => {
  const { sid: account } = gateway.sandbox.rows.addAccount({
    auth_token: 'token',
    email_address: 'leavers@example.com',
  })
  const conference = gateway.sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const calls = Array.from({ length: 40 }, () =>
    gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: conference.sid }),
  )
  const seen: string[] = []
  const left = new Set<string>()
  let args = 'first: 6'
  for (;;) {
    const { data } = await gateway.query(
      `{ conference(sid: "${conference.sid}") { participants(${args}) { nodes { callSid } pageInfo { endCursor hasNextPage } } } }`,
      { as: { user: account, password: 'token' } },
    )
    const { nodes, pageInfo } = data.conference.participants
    seen.push(...nodes.map((node: { callSid: string }) => node.callSid))
    if (!pageInfo.hasNextPage) break
    args = `first: 6, after: "${pageInfo.endCursor}"`
    // The last participant of the page and a participant of a later page leave.
    for (const sid of [seen.at(-1), calls.find(call => !seen.includes(call.sid) && !left.has(call.sid))?.sid]) {
      if (sid === undefined) continue
      gateway.sandbox.rows.finishCall(sid)
      left.add(sid)
    }
  }
  expect(new Set(seen).size).toBe(seen.length)
  for (const { sid } of calls) if (!left.has(sid)) expect(seen).toContain(sid)
})
