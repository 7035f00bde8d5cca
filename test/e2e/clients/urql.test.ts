import { Client, fetchExchange, gql, type OperationResult, type TypedDocumentNode } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import {
  authorization,
  CONFERENCE_SID,
  CONFERENCES_QUERY,
  type Conference,
  type ConferenceList,
  countingFetch,
  expectedSids,
  NODE_QUERY,
  PAGE_COUNT,
  PAGE_SIZE,
  sidsOf,
} from './conferenceList.ts'

let gateway: TestGateway
let schema: IntrospectionQuery
beforeAll(async () => {
  gateway = await startGateway()
  schema = (await gateway.query(getIntrospectionQuery())).data
})
afterAll(() => gateway.close())

function createClient() {
  const { fetch, requestCount } = countingFetch()
  const client = new Client({
    url: gateway.url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    fetch,
    exchanges: [
      // With the schema, graphcache knows the types of `Node` and warns about unknown fields.
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
  return { client, requestCount }
}

type PageArguments = {
  readonly first?: number
  readonly after?: string | null
  readonly last?: number
  readonly before?: string | null
}
const CONFERENCES: TypedDocumentNode<{ readonly conferences: ConferenceList }, PageArguments> = gql(CONFERENCES_QUERY)
const NODE: TypedDocumentNode<{ readonly node: Conference | null }, { readonly id: string }> = gql(NODE_QUERY)

function dataOf<T>({ data, error }: OperationResult<T>): T {
  expect(error).toBeUndefined()
  if (data === undefined) throw new Error('The result has no data.')
  return data
}

const queryList = async (client: Client, page: PageArguments): Promise<ConferenceList> =>
  dataOf(await client.query(CONFERENCES, page).toPromise()).conferences

it('urql pages through 137 conferences forwards and backwards with relayPagination', async () => {
  const { client, requestCount } = createClient()
  const sids = expectedSids(gateway)
  let list = await queryList(client, { first: PAGE_SIZE })
  while (list.pageInfo.hasNextPage)
    list = await queryList(client, { first: PAGE_SIZE, after: list.pageInfo.endCursor ?? null })
  expect(sidsOf(list)).toEqual(sids)
  expect(requestCount()).toBe(PAGE_COUNT)

  // graphcache merges the pages of both directions; an edge must not occur twice.
  let before = list.pageInfo.endCursor ?? null
  do {
    list = await queryList(client, { last: PAGE_SIZE, before })
    expect(sidsOf(list)).toEqual(sids)
    before = list.pageInfo.startCursor ?? null
  } while (list.pageInfo.hasPreviousPage)
  expect(requestCount()).toBe(2 * PAGE_COUNT)
})

it('urql pages through 137 conferences backwards from the end', async () => {
  const { client, requestCount } = createClient()
  const sids = expectedSids(gateway)
  let list = await queryList(client, { last: PAGE_SIZE })
  expect(sidsOf(list)).toEqual(sids.slice(-PAGE_SIZE))
  while (list.pageInfo.hasPreviousPage) {
    list = await queryList(client, { last: PAGE_SIZE, before: list.pageInfo.startCursor ?? null })
  }
  expect(sidsOf(list)).toEqual(sids)
  expect(requestCount()).toBe(PAGE_COUNT)
})

it('urql updates a conference in the cached list after a refetch by node id', async () => {
  const { client } = createClient()
  const list = await queryList(client, { first: 137 })
  const readCached = async () => {
    const { edges } = dataOf(
      await client.query(CONFERENCES, { first: 137 }, { requestPolicy: 'cache-only' }).toPromise(),
    ).conferences
    return edges.find(({ node }) => node.sid === CONFERENCE_SID)?.node as Conference | undefined
  }
  const conference = await readCached()
  expect(list.edges.map(({ node }) => node)).toContainEqual(conference)
  gateway.sandbox.rows.updateConference(CONFERENCE_SID, { friendly_name: 'Renamed for urql' })
  const refetched = await client
    .query(NODE, { id: conference?.id ?? '' }, { requestPolicy: 'network-only' })
    .toPromise()
  expect(dataOf(refetched).node).toMatchObject({
    id: conference?.id,
    sid: CONFERENCE_SID,
    friendlyName: 'Renamed for urql',
  })
  expect(await readCached()).toMatchObject({ id: conference?.id, friendlyName: 'Renamed for urql' })
})

it('urql reads the parts of a query with @defer', async () => {
  const client = new Client({
    url: gateway.url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    exchanges: [fetchExchange],
  })
  const results: unknown[] = []
  await new Promise<void>(resolve => {
    const query = client.query(gql('{ viewer { sid ... @defer { friendlyName } } }'), {})
    query.subscribe(({ data, hasNext }) => {
      results.push(data)
      if (!hasNext) resolve()
    })
  })
  expect(results[0]).toEqual({ viewer: { sid: expect.any(String) } })
  expect(results.at(-1)).toEqual({ viewer: { sid: expect.any(String), friendlyName: expect.any(String) } })
})
