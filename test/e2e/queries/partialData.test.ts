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
  it('one failing conference of 50 is an error in `nodes(ids:)` with its path, and all other data is returned', async () => {
    const ids = conferenceSids.map(sid => nodeIdOf('Conference', account, sid))
    const query = `query ($ids: [ID!]!) {
      viewer { sid }
      nodes(ids: $ids) { ... on Conference { sid participants { totalCount } } }
    }`
    const { data, errors } = await gateway.query(query, { as: 'conf1', variables: { ids } })
    expect(errors).toMatchObject([
      { path: ['nodes', 20, 'participants', 'totalCount'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
    ])
    expect(errors).toHaveLength(1)
    expect(data.viewer).toEqual({ sid: account })
    expect(data.nodes).toEqual(
      conferenceSids.map((sid, i) => ({ sid, participants: { totalCount: i === 20 ? null : 1 } })),
    )
  })

  it('one failing conference of 50 is an error in a connection with its path, and all other data is returned', async () => {
    const { status, data, errors } = await post({ query: LIST })
    const nodes = data?.conferences?.nodes ?? []
    const index = nodes.findIndex(({ sid }) => sid === failingSid)
    expect(status).toBe(200)
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

  it('one failing page of participants makes only its connection null, because `edges` is non-null', async () => {
    const { data, errors } = await post({ query: LIST.replace('totalCount', 'edges { node { callSid } }') })
    const nodes = data?.conferences?.nodes ?? []
    const failing = nodes.filter(({ participants }) => participants === null)
    expect(failing).toEqual([{ sid: failingSid, participants: null }])
    expect([nodes.length, errors.length]).toEqual([50, 1])
  })

  it('one failing conference of 50 is an error over WebSocket, and all other data is returned', async () => {
    const client = wsClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: basic('conf1') },
    })
    const result = await new Promise<unknown>((resolve, reject) => {
      client.subscribe({ query: LIST }, { next: resolve, error: reject, complete: () => undefined })
    })
    expect(result).toMatchObject({ data: { conferences: { nodes: { length: 50 } } }, errors: { length: 1 } })
    await client.dispose()
  })
})
