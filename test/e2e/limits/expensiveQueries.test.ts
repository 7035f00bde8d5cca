import { afterEach, beforeEach, expect, it } from 'vitest'
import { accountOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { holdResponses } from '../../support/holdResponses.ts'
import { waitUntil } from '../../support/waitUntil.ts'

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(() => gateway.close())

/** Half of the default `RESTCOMM_CONNECTIONS`. */
const HALF = 32
const VIEWER = '{ viewer { friendlyName } }'
/** Close to the default `MAX_QUERY_COST`. Needs hundreds of requests to Restcomm. */
const EXPENSIVE = `{ ${Array.from(
  { length: 8 },
  (_, i) =>
    `p${i}: conferences(first: ${92 + i}) { nodes { participants(first: 0) { totalCount } calls(first: 0) { totalCount } } }`,
).join(' ')} }`

it('while a client repeats the most expensive accepted query, each request of a second client gets a connection at once', async () => {
  // The first query of each client is the first whose credentials Restcomm accepts.
  for (const as of ['conf137', 'conf50', 'conf50']) await gateway.query(VIEWER, { as })
  const { sid } = accountOf('conf137')
  const isCount = (path: string) => path.includes(sid) && /Participants|Calls/.test(path)
  const { heldRequests, release } = holdResponses(gateway, ({ path }) => isCount(path))
  const noisy = Array.from({ length: 20 }, () => gateway.query(EXPENSIVE, { as: 'conf137' }))
  await waitUntil(() => heldRequests() >= HALF, 'the requests of the expensive queries are sent')
  for (let i = 0; i < 20; i++) {
    const number = String(i).padStart(32, '0')
    const answer = await gateway.query(`{ conference(sid: "CF${number}") { sid } }`, { as: 'conf50' })
    expect(answer).toEqual({ data: { conference: null } })
  }
  expect(heldRequests()).toBe(HALF)
  gateway.sandbox.intercept(null)
  release()
  const codes = (await Promise.all(noisy)).flatMap(({ errors = [] }) =>
    errors.map(({ extensions }) => extensions?.code),
  )
  expect(codes.filter(code => code === 'QUERY_TOO_COSTLY')).toEqual([])
})
