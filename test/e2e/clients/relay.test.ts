import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ConnectionHandler } from 'relay-runtime'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import callers, { type Rooms_callers$data } from './relay/__generated__/Rooms_callers.graphql.ts'
import conferences, { type Rooms_conferences$data } from './relay/__generated__/Rooms_conferences.graphql.ts'
import room, { type Rooms_room$data } from './relay/__generated__/Rooms_room.graphql.ts'
import callersQuery, { type RoomsCallersQuery } from './relay/__generated__/RoomsCallersQuery.graphql.ts'
import query, { type RoomsQuery } from './relay/__generated__/RoomsQuery.graphql.ts'
import { environmentOf, load, pagination, read, refetch } from './relay/environment.ts'
import { authorization, countingFetch, PAGE, PAGES, ROOM, sidsOf, truth } from './walk.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

/** A component that shows the list, opened with these variables. */
const open = async (variables: RoomsQuery['variables']) => {
  const { fetch, requests } = countingFetch()
  const environment = environmentOf(gateway.url, authorization, fetch)
  const key = await load<RoomsQuery>(environment, query, variables)
  const { data, loadPage } = pagination<Rooms_conferences$data>(environment, conferences, key)
  const list = () => data().conferences
  return {
    environment,
    list,
    requests,
    loadNext: () => loadPage('forward', PAGE, list().pageInfo.endCursor ?? null),
    loadPrevious: () => loadPage('backward', PAGE, list().pageInfo.startCursor ?? null),
  }
}

it('Relay walks 137 conferences to the end by its pagination query', async () => {
  const all = truth(gateway)
  const { list, loadNext, requests } = await open({ first: PAGE })
  expect(sidsOf(list())).toEqual(all.slice(0, PAGE))
  while (list().pageInfo.hasNextPage) await loadNext()
  expect(sidsOf(list())).toEqual(all)
  expect(requests()).toBe(PAGES)
})

it('Relay walks 137 conferences from the end to the beginning', async () => {
  const all = truth(gateway)
  const { list, loadPrevious, requests } = await open({ last: PAGE })
  expect(sidsOf(list())).toEqual(all.slice(-PAGE))
  while (list().pageInfo.hasPreviousPage) await loadPrevious()
  expect(sidsOf(list())).toEqual(all)
  expect(requests()).toBe(PAGES)
})

it('Relay goes on in both directions from the middle', async () => {
  const all = truth(gateway)
  const { list: start } = await open({ first: 70 })
  const { list, loadNext, loadPrevious } = await open({ first: PAGE, after: start().pageInfo.endCursor ?? null })
  expect(list().pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  while (list().pageInfo.hasNextPage) await loadNext()
  while (list().pageInfo.hasPreviousPage) await loadPrevious()
  expect(sidsOf(list())).toEqual(all)
})

it("Relay's ConnectionHandler finds the list in the store, and can take an edge out of it", async () => {
  const { environment, list, loadNext } = await open({ first: PAGE })
  await loadNext()
  const gone = list().edges[3]?.node
  environment.commitUpdate(store => {
    const connection = ConnectionHandler.getConnection(store.getRoot(), 'Rooms_conferences')
    if (connection == null || gone === undefined) throw new Error('There is no connection in the store.')
    ConnectionHandler.deleteNode(connection, gone.id)
  })
  expect(list().edges).toHaveLength(2 * PAGE - 1)
  expect(sidsOf(list())).not.toContain(gone?.sid)
})

it('Relay refetches a conference by its id, and the list shows the change', async () => {
  const { environment, list } = await open({ first: 137 })
  const shown = list().edges.find(({ node }) => node.sid === ROOM)?.node
  gateway.sandbox.rows.updateConference(ROOM, { friendly_name: 'Renamed for Relay' })
  expect(read<Rooms_room$data>(environment, room, shown).friendlyName).toBe('Room 070')
  await refetch(environment, room, shown?.id ?? '')
  expect(read<Rooms_room$data>(environment, room, shown)).toMatchObject({
    sid: ROOM,
    friendlyName: 'Renamed for Relay',
  })
})

it('Relay pages through the callers of one conference by the id of the conference', async () => {
  const environment = environmentOf(gateway.url, basic('part'))
  const sid = conferenceOf('part120')
  const walk = async (variables: { readonly first?: number; readonly last?: number }) => {
    const { conference } = await load<RoomsCallersQuery>(environment, callersQuery, { sid, ...variables })
    const { data, loadPage } = pagination<Rooms_callers$data>(environment, callers, conference)
    for (;;) {
      const { pageInfo } = data().participants
      if (variables.last === undefined && pageInfo.hasNextPage)
        await loadPage('forward', PAGE, pageInfo.endCursor ?? null)
      else if (variables.last !== undefined && pageInfo.hasPreviousPage)
        await loadPage('backward', PAGE, pageInfo.startCursor ?? null)
      else return data().participants.edges.map(({ node }) => node.callSid)
    }
  }
  const forwards = await walk({ first: PAGE })
  expect(new Set(forwards).size).toBe(120)
  expect(await walk({ last: PAGE })).toEqual(forwards)
})

/** The compiler is a native program. Where it does not run, what it wrote elsewhere is tested all the same. */
const compiler = ((): string | null => {
  const path = createRequire(import.meta.url)('relay-compiler') as unknown
  return typeof path === 'string' && spawnSync(path, ['--version']).status === 0 ? path : null
})()

it.skipIf(compiler === null)("the compiler's files are those of the queries and of docs/schema.graphql", () => {
  const config = fileURLToPath(new URL('relay.config.json', import.meta.url))
  const { status, stdout, stderr } = spawnSync(compiler ?? '', ['--noWatchman', '--validate', config], {
    encoding: 'utf8',
  })
  expect(status, `Run \`npm run relay\`:\n${stdout}${stderr}`).toBe(0)
})
