import { ApolloClient, gql, HttpLink, InMemoryCache, type TypedDocumentNode } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { filter, firstValueFrom } from 'rxjs'
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
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const connect = (counted: typeof fetch) =>
  new ApolloClient({
    link: new HttpLink({ uri: gateway.url, headers: { authorization }, fetch: counted }),
    cache: new InMemoryCache({
      typePolicies: {
        Query: { fields: { conferences: relayStylePagination(['accountSid', 'filter', 'orderBy']) } },
      },
    }),
  })

interface Paging {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
}
const CONFERENCES: TypedDocumentNode<{ readonly conferences: ConferenceList }, Paging> = gql(CONFERENCES_QUERY)
const NODE: TypedDocumentNode<{ readonly node: Conference | null }, { readonly id: string }> = gql(NODE_QUERY)

/** A list on the screen, as `useQuery` keeps it: what has been loaded so far, and the ways to load more. */
const watch = async (variables: Paging) => {
  const { fetch, requests } = countingFetch()
  const client = connect(fetch)
  const list = client.watchQuery({ query: CONFERENCES, variables })
  const subscription = list.subscribe(() => {})
  // What has come is shown a moment after it has come.
  const settled = () => firstValueFrom(list.pipe(filter(({ loading }) => !loading)))
  await settled()
  const more = async (page: Paging) => {
    await list.fetchMore({ variables: { first: null, after: null, last: null, before: null, ...page } })
    await settled()
  }
  const shown = (): ConferenceList => {
    const { data, dataState } = list.getCurrentResult()
    if (dataState !== 'complete') throw new Error('The list is not complete.')
    return data.conferences
  }
  return {
    client,
    shown,
    requests,
    next: () => more({ first: PAGE, after: shown().pageInfo.endCursor ?? null }),
    previous: (before = shown().pageInfo.startCursor ?? null) => more({ last: PAGE, before }),
    close: () => {
      subscription.unsubscribe()
      client.stop()
    },
  }
}

it('Apollo Client walks 137 conferences to the end by relayStylePagination, and back', async () => {
  const all = truth(gateway)
  const list = await watch({ first: PAGE })
  while (list.shown().pageInfo.hasNextPage) await list.next()
  expect(sidsOf(list.shown())).toEqual(all)
  expect(list.requests()).toBe(PAGES)

  // From the last edge on: what `relayStylePagination` has in front of `before` it replaces by what comes.
  await list.previous(list.shown().pageInfo.endCursor ?? null)
  expect(sidsOf(list.shown())).toEqual(all.slice(-PAGE - 1))
  while (list.shown().pageInfo.hasPreviousPage) await list.previous()
  expect(sidsOf(list.shown())).toEqual(all)
  expect(list.requests()).toBe(2 * PAGES)
  list.close()
})

it('Apollo Client walks 137 conferences from the end to the beginning', async () => {
  const all = truth(gateway)
  const list = await watch({ last: PAGE })
  expect(sidsOf(list.shown())).toEqual(all.slice(-PAGE))
  while (list.shown().pageInfo.hasPreviousPage) await list.previous()
  expect(sidsOf(list.shown())).toEqual(all)
  expect(list.shown().pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
  expect(list.requests()).toBe(PAGES)
  list.close()
})

it('Apollo Client goes on in both directions from the middle', async () => {
  const all = truth(gateway)
  const cursors = await watch({ first: 70 })
  const list = await watch({ first: PAGE, after: cursors.shown().pageInfo.endCursor ?? null })
  expect(list.shown().pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  while (list.shown().pageInfo.hasNextPage) await list.next()
  while (list.shown().pageInfo.hasPreviousPage) await list.previous()
  expect(sidsOf(list.shown())).toEqual(all)
  cursors.close()
  list.close()
})

it('Apollo Client refetches a conference by its id, and every list that shows it shows the change', async () => {
  const list = await watch({ first: 137 })
  const room = list.shown().edges.find(({ node }) => node.sid === ROOM)?.node as Conference | undefined
  gateway.sandbox.rows.updateConference(ROOM, { friendly_name: 'Renamed for Apollo' })
  const { data } = await list.client.query({
    query: NODE,
    variables: { id: room?.id ?? '' },
    fetchPolicy: 'network-only',
  })
  expect(data?.node).toMatchObject({ id: room?.id, sid: ROOM, friendlyName: 'Renamed for Apollo' })
  await expect
    .poll(() => list.shown().edges.find(({ node }) => node.sid === ROOM)?.node)
    .toMatchObject({
      friendlyName: 'Renamed for Apollo',
    })
  list.close()
})
