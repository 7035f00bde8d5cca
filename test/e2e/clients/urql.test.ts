import { Client, fetchExchange, gql, type OperationResult, type TypedDocumentNode } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import {
  authorization,
  CONFERENCES_QUERY,
  type Conference,
  type ConferenceList,
  countingFetch,
  NODE_QUERY,
  PAGE,
  PAGES,
  ROOM,
  sidsOf,
  truth,
} from './walk.ts'

let gateway: TestGateway
let schema: IntrospectionQuery
beforeAll(async () => {
  gateway = await startGateway()
  schema = (await gateway.query(getIntrospectionQuery())).data
})
afterAll(() => gateway.close())

const connect = () => {
  const { fetch, requests } = countingFetch()
  const client = new Client({
    url: gateway.url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    fetch,
    exchanges: [
      // With the schema, graphcache knows that a `Conference` is a `Node`, and warns of what is not in it.
      cacheExchange({
        schema: schema as never,
        resolvers: { Query: { conferences: relayPagination() } },
        logger: (severity, message) => {
          if (severity !== 'debug') throw new Error(message)
        },
      }),
      fetchExchange,
    ],
  })
  return { client, requests }
}

type Paging = {
  readonly first?: number
  readonly after?: string | null
  readonly last?: number
  readonly before?: string | null
}
const CONFERENCES: TypedDocumentNode<{ readonly conferences: ConferenceList }, Paging> = gql(CONFERENCES_QUERY)
const NODE: TypedDocumentNode<{ readonly node: Conference | null }, { readonly id: string }> = gql(NODE_QUERY)

const dataOf = <T>({ data, error }: OperationResult<T>): T => {
  expect(error).toBeUndefined()
  if (data === undefined) throw new Error('There is no data.')
  return data
}

const listOf = async (client: Client, paging: Paging): Promise<ConferenceList> =>
  dataOf(await client.query(CONFERENCES, paging).toPromise()).conferences

it('urql walks 137 conferences to the end by relayPagination, and back', async () => {
  const { client, requests } = connect()
  const all = truth(gateway)
  let list = await listOf(client, { first: PAGE })
  while (list.pageInfo.hasNextPage) list = await listOf(client, { first: PAGE, after: list.pageInfo.endCursor ?? null })
  expect(sidsOf(list)).toEqual(all)
  expect(requests()).toBe(PAGES)

  // The pages that come from the back are merged with those from the front: nothing may be in the list twice.
  let before = list.pageInfo.endCursor ?? null
  do {
    list = await listOf(client, { last: PAGE, before })
    expect(sidsOf(list)).toEqual(all)
    before = list.pageInfo.startCursor ?? null
  } while (list.pageInfo.hasPreviousPage)
  expect(requests()).toBe(2 * PAGES)
})

it('urql walks 137 conferences from the end to the beginning', async () => {
  const { client, requests } = connect()
  const all = truth(gateway)
  let list = await listOf(client, { last: PAGE })
  expect(sidsOf(list)).toEqual(all.slice(-PAGE))
  while (list.pageInfo.hasPreviousPage) {
    list = await listOf(client, { last: PAGE, before: list.pageInfo.startCursor ?? null })
  }
  expect(sidsOf(list)).toEqual(all)
  expect(requests()).toBe(PAGES)
})

it('urql refetches a conference by its id, and every list that shows it shows the change', async () => {
  const { client } = connect()
  const list = await listOf(client, { first: 137 })
  const shown = async () => {
    const { edges } = dataOf(
      await client.query(CONFERENCES, { first: 137 }, { requestPolicy: 'cache-only' }).toPromise(),
    ).conferences
    return edges.find(({ node }) => node.sid === ROOM)?.node as Conference | undefined
  }
  const room = await shown()
  expect(list.edges.map(({ node }) => node)).toContainEqual(room)
  gateway.sandbox.rows.updateConference(ROOM, { friendly_name: 'Renamed for urql' })
  const refetched = await client.query(NODE, { id: room?.id ?? '' }, { requestPolicy: 'network-only' }).toPromise()
  expect(dataOf(refetched).node).toMatchObject({ id: room?.id, sid: ROOM, friendlyName: 'Renamed for urql' })
  expect(await shown()).toMatchObject({ id: room?.id, friendlyName: 'Renamed for urql' })
})
