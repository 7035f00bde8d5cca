import { createClient as wsClient } from 'graphql-ws'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

let gateway: TestGateway
const account = accountOf('conf1').sid
/** Fifty rooms that are on, with a caller each; the account has another one, which is empty. */
const rooms: string[] = []
let failing = ''

beforeAll(async () => {
  gateway = await startGateway()
  for (let i = 0; i < 50; i++) {
    const { sid } = gateway.sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: sid, status: 'in-progress' })
    rooms.push(sid)
  }
  failing = rooms[20] ?? ''
})
beforeEach(() => {
  gateway.sandbox.intercept(({ path }) => (path.includes(`${failing}/Participants`) ? { status: 502 } : undefined))
})
afterAll(() => gateway.close())

const post = async (body: object) => {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: basic('conf1') },
    body: JSON.stringify(body),
  })
  return { status: response.status, ...((await response.json()) as { data: Answer; errors: readonly Problem[] }) }
}
interface Room {
  readonly sid: string
  readonly participants: { readonly totalCount: number } | null
}
interface Problem {
  readonly path?: readonly (string | number)[]
  readonly message: string
  readonly extensions: { readonly code: string }
}
type Answer = { readonly conferences: { readonly nodes: readonly Room[] } | null } | null

const LIST = `{
  conferences(filter: { status: RUNNING_MODERATOR_PRESENT }) { nodes { sid participants { totalCount } } }
}`

describe('one failing room in a list of fifty', () => {
  it('that is asked for by ids is one null with one error and its path; the other forty-nine arrive', async () => {
    const ids = rooms.map(sid => idOf('Conference', account, sid))
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Conference { sid participants { totalCount } } } }`
    const { data, errors } = await gateway.query(query, { as: 'conf1', variables: { ids } })
    expect(errors).toMatchObject([
      { path: ['nodes', 20, 'participants', 'totalCount'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
    ])
    expect(errors).toHaveLength(1)
    expect(data.nodes).toEqual(rooms.map((sid, i) => (i === 20 ? null : { sid, participants: { totalCount: 1 } })))
  })

  it('of a connection is one null with one error and its path, for whoever asks with onError NULL', async () => {
    const { data, errors } = await post({ query: LIST, onError: 'NULL' })
    const nodes = data?.conferences?.nodes ?? []
    const place = nodes.findIndex(({ sid }) => sid === failing)
    expect(errors).toHaveLength(1)
    expect(errors).toMatchObject([
      {
        path: ['conferences', 'nodes', place, 'participants', 'totalCount'],
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      },
    ])
    expect(nodes.filter(({ participants }) => typeof participants?.totalCount === 'number')).toHaveLength(49)
    expect(nodes[place]).toEqual({ sid: failing, participants: { totalCount: null } })
  })

  it('takes the list away without it, since the schema promises clients that nothing in it is null', async () => {
    for (const body of [{ query: LIST }, { query: LIST, onError: 'PROPAGATE' }]) {
      const { data, errors } = await post(body)
      expect(data).toBeNull()
      expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
    }
  })

  it('is one null over a WebSocket as well', async () => {
    const client = wsClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: basic('conf1') },
    })
    const payload = { query: LIST, onError: 'NULL' }
    const answer = await new Promise<unknown>((resolve, reject) => {
      client.subscribe(payload, { next: resolve, error: reject, complete: () => undefined })
    })
    expect(answer).toMatchObject({ data: { conferences: { nodes: { length: 50 } } }, errors: { length: 1 } })
    await client.dispose()
  })
})

describe('onError', () => {
  it.each(['HALT', 'null', 1])('%j is a mistake that is told, and nothing is sent', async onError => {
    gateway.asked()
    const { status, errors } = await post({ query: LIST, onError })
    expect(status).toBe(400)
    expect(errors).toMatchObject([{ message: expect.stringContaining('onError'), extensions: { code: 'BAD_REQUEST' } }])
    expect(gateway.asked()).toEqual([])
  })

  it('NULL leaves the schema as it is promised', async () => {
    const query = '{ __type(name: "Conference") { fields { name type { kind } } } }'
    expect(await post({ query, onError: 'NULL' })).toEqual(await post({ query }))
  })
})
