import { createClient as wsClient } from 'graphql-ws'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

let gateway: TestGateway
const account = accountOf('conf1').sid
/** 50 running conferences with a participant each. The account also has an empty conference. */
const conferenceSids: string[] = []
let failingSid = ''

beforeAll(async () => {
  gateway = await startGateway()
  for (let i = 0; i < 50; i++) {
    const { sid } = gateway.sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: sid, status: 'in-progress' })
    conferenceSids.push(sid)
  }
  failingSid = conferenceSids[20] ?? ''
})
beforeEach(() => {
  gateway.sandbox.intercept(({ path }) => (path.includes(`${failingSid}/Participants`) ? { status: 502 } : undefined))
})
afterAll(() => gateway.close())

const post = async (body: object) => {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: basic('conf1') },
    body: JSON.stringify(body),
  })
  return {
    status: response.status,
    ...((await response.json()) as { data: ListAnswer; errors: readonly ErrorAnswer[] }),
  }
}
interface ConferenceAnswer {
  readonly sid: string
  readonly participants: { readonly totalCount: number } | null
}
interface ErrorAnswer {
  readonly path?: readonly (string | number)[]
  readonly message: string
  readonly extensions: { readonly code: string }
}
type ListAnswer = { readonly conferences: { readonly nodes: readonly ConferenceAnswer[] } | null } | null

const LIST = `{
  conferences(filter: { status: RUNNING_MODERATOR_PRESENT }) { nodes { sid participants { totalCount } } }
}`

describe('one failing conference of 50', () => {
  it('one failing conference of 50 is null in `nodes`, with an error and its path, and the other 49 are returned', async () => {
    const ids = conferenceSids.map(sid => nodeIdOf('Conference', account, sid))
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Conference { sid participants { totalCount } } } }`
    const { data, errors } = await gateway.query(query, { as: 'conf1', variables: { ids } })
    expect(errors).toMatchObject([
      { path: ['nodes', 20, 'participants', 'totalCount'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
    ])
    expect(errors).toHaveLength(1)
    expect(data.nodes).toEqual(
      conferenceSids.map((sid, i) => (i === 20 ? null : { sid, participants: { totalCount: 1 } })),
    )
  })

  it('one failing conference of 50 is null in a connection with onError NULL, with an error and its path', async () => {
    const { data, errors } = await post({ query: LIST, onError: 'NULL' })
    const nodes = data?.conferences?.nodes ?? []
    const index = nodes.findIndex(({ sid }) => sid === failingSid)
    expect(errors).toHaveLength(1)
    expect(errors).toMatchObject([
      {
        path: ['conferences', 'nodes', index, 'participants', 'totalCount'],
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      },
    ])
    expect(nodes.filter(({ participants }) => typeof participants?.totalCount === 'number')).toHaveLength(49)
    expect(nodes[index]).toEqual({ sid: failingSid, participants: { totalCount: null } })
  })

  it('one failing conference of 50 makes the connection null without onError NULL, because list items are non-null', async () => {
    for (const body of [{ query: LIST }, { query: LIST, onError: 'PROPAGATE' }]) {
      const { data, errors } = await post(body)
      expect(data).toBeNull()
      expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
    }
  })

  it('one failing conference of 50 is null over WebSocket with onError NULL', async () => {
    const client = wsClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: basic('conf1') },
    })
    const payload = { query: LIST, onError: 'NULL' }
    const result = await new Promise<unknown>((resolve, reject) => {
      client.subscribe(payload, { next: resolve, error: reject, complete: () => undefined })
    })
    expect(result).toMatchObject({ data: { conferences: { nodes: { length: 50 } } }, errors: { length: 1 } })
    await client.dispose()
  })
})

describe('onError', () => {
  it.each(['HALT', 'null', 1])('the onError value %j is rejected without upstream requests', async onError => {
    gateway.takeUpstreamRequests()
    const { status, errors } = await post({ query: LIST, onError })
    expect(status).toBe(400)
    expect(errors).toMatchObject([{ message: expect.stringContaining('onError'), extensions: { code: 'BAD_REQUEST' } }])
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })

  it('onError NULL does not change introspection', async () => {
    const query = '{ __type(name: "Conference") { fields { name type { kind } } } }'
    expect(await post({ query, onError: 'NULL' })).toEqual(await post({ query }))
  })
})
