import { ApolloClient, gql, HttpLink, InMemoryCache, type TypedDocumentNode } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { filter, firstValueFrom } from 'rxjs'
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
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const createClient = (fetch: typeof globalThis.fetch) =>
  new ApolloClient({
    link: new HttpLink({ uri: gateway.url, headers: { authorization }, fetch }),
    cache: new InMemoryCache({
      typePolicies: {
        Query: { fields: { conferences: relayStylePagination(['accountSid', 'filter', 'orderBy']) } },
      },
    }),
  })

interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
}
const CONFERENCES: TypedDocumentNode<{ readonly conferences: ConferenceList }, PageArguments> = gql(CONFERENCES_QUERY)
const NODE: TypedDocumentNode<{ readonly node: Conference | null }, { readonly id: string }> = gql(NODE_QUERY)

/** Watches the list, as `useQuery` does. */
async function watchList(variables: PageArguments) {
  const { fetch, requestCount } = countingFetch()
  const client = createClient(fetch)
  const list = client.watchQuery({ query: CONFERENCES, variables })
  const subscription = list.subscribe(() => {})
  // The watched query is updated asynchronously after a response.
  const loaded = () => firstValueFrom(list.pipe(filter(({ loading }) => !loading)))
  await loaded()
  const fetchMore = async (page: PageArguments) => {
    await list.fetchMore({ variables: { first: null, after: null, last: null, before: null, ...page } })
    await loaded()
  }
  const current = (): ConferenceList => {
    const { data, dataState } = list.getCurrentResult()
    if (dataState !== 'complete') throw new Error('The cache lacks fields of the list.')
    return data.conferences
  }
  return {
    client,
    current,
    requestCount,
    next: () => fetchMore({ first: PAGE_SIZE, after: current().pageInfo.endCursor ?? null }),
    previous: (before = current().pageInfo.startCursor ?? null) => fetchMore({ last: PAGE_SIZE, before }),
    close: () => {
      subscription.unsubscribe()
      client.stop()
    },
  }
}

it('Apollo Client pages through 137 conferences forwards and backwards with relayStylePagination', async () => {
  const sids = expectedSids(gateway)
  const list = await watchList({ first: PAGE_SIZE })
  while (list.current().pageInfo.hasNextPage) await list.next()
  expect(sidsOf(list.current())).toEqual(sids)
  expect(list.requestCount()).toBe(PAGE_COUNT)

  // Start at the last edge: `relayStylePagination` replaces the edges in front of `before` with the received page.
  await list.previous(list.current().pageInfo.endCursor ?? null)
  expect(sidsOf(list.current())).toEqual(sids.slice(-PAGE_SIZE - 1))
  while (list.current().pageInfo.hasPreviousPage) await list.previous()
  expect(sidsOf(list.current())).toEqual(sids)
  expect(list.requestCount()).toBe(2 * PAGE_COUNT)
  list.close()
})

it('Apollo Client pages through 137 conferences backwards from the end', async () => {
  const sids = expectedSids(gateway)
  const list = await watchList({ last: PAGE_SIZE })
  expect(sidsOf(list.current())).toEqual(sids.slice(-PAGE_SIZE))
  while (list.current().pageInfo.hasPreviousPage) await list.previous()
  expect(sidsOf(list.current())).toEqual(sids)
  expect(list.current().pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
  expect(list.requestCount()).toBe(PAGE_COUNT)
  list.close()
})

it('Apollo Client loads pages in both directions from the middle of the list', async () => {
  const sids = expectedSids(gateway)
  const firstHalf = await watchList({ first: 70 })
  const list = await watchList({ first: PAGE_SIZE, after: firstHalf.current().pageInfo.endCursor ?? null })
  expect(list.current().pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  while (list.current().pageInfo.hasNextPage) await list.next()
  while (list.current().pageInfo.hasPreviousPage) await list.previous()
  expect(sidsOf(list.current())).toEqual(sids)
  firstHalf.close()
  list.close()
})

it('Apollo Client updates a conference in the cached list after a refetch by node id', async () => {
  const list = await watchList({ first: 137 })
  const conference = list.current().edges.find(({ node }) => node.sid === CONFERENCE_SID)?.node as
    | Conference
    | undefined
  gateway.sandbox.rows.updateConference(CONFERENCE_SID, { friendly_name: 'Renamed for Apollo' })
  const { data } = await list.client.query({
    query: NODE,
    variables: { id: conference?.id ?? '' },
    fetchPolicy: 'network-only',
  })
  expect(data?.node).toMatchObject({ id: conference?.id, sid: CONFERENCE_SID, friendlyName: 'Renamed for Apollo' })
  await expect
    .poll(() => list.current().edges.find(({ node }) => node.sid === CONFERENCE_SID)?.node)
    .toMatchObject({
      friendlyName: 'Renamed for Apollo',
    })
  list.close()
})
