import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import {
  ConnectionHandler,
  commitMutation,
  type Environment,
  type GraphQLTaggedNode,
  type MutationParameters,
} from 'relay-runtime'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accountOf, basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import {
  authorization,
  CONFERENCE_SID,
  countingFetch,
  expectedSids,
  PAGE_COUNT,
  PAGE_SIZE,
  sidsOf,
} from './conferenceList.ts'
import conferenceFragment, {
  type conferences_conference$data as ConferenceData,
} from './relay/__generated__/conferences_conference.graphql.ts'
import conferencesFragment, {
  type conferences_conferences$data as ConferencesData,
} from './relay/__generated__/conferences_conferences.graphql.ts'
import participantsFragment, {
  type conferences_participants$data as ParticipantsData,
} from './relay/__generated__/conferences_participants.graphql.ts'
import endMutation, {
  type conferencesEndMutation as EndMutation,
} from './relay/__generated__/conferencesEndMutation.graphql.ts'
import hangUpMutation, {
  type conferencesHangUpMutation as HangUpMutation,
} from './relay/__generated__/conferencesHangUpMutation.graphql.ts'
import participantsQuery, {
  type conferencesParticipantsQuery as ParticipantsQuery,
} from './relay/__generated__/conferencesParticipantsQuery.graphql.ts'
import conferencesQuery, {
  type conferencesQuery as ConferencesQuery,
} from './relay/__generated__/conferencesQuery.graphql.ts'
import { createEnvironment, load, pagination, read, refetch } from './relay/environment.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

/** Loads the list as a component does. */
async function loadList(variables: ConferencesQuery['variables']) {
  const { fetch, requestCount } = countingFetch()
  const environment = createEnvironment(gateway.url, authorization, fetch)
  const key = await load<ConferencesQuery>(environment, conferencesQuery, variables)
  const { data, loadPage } = pagination<ConferencesData>(environment, conferencesFragment, key)
  const list = () => data().conferences
  return {
    environment,
    list,
    requestCount,
    loadNext: () => loadPage('forward', PAGE_SIZE, list().pageInfo.endCursor ?? null),
    loadPrevious: () => loadPage('backward', PAGE_SIZE, list().pageInfo.startCursor ?? null),
  }
}

it('Relay pages through 137 conferences forwards with the pagination query', async () => {
  const sids = expectedSids(gateway)
  const { list, loadNext, requestCount } = await loadList({ first: PAGE_SIZE })
  expect(sidsOf(list())).toEqual(sids.slice(0, PAGE_SIZE))
  while (list().pageInfo.hasNextPage) await loadNext()
  expect(sidsOf(list())).toEqual(sids)
  expect(requestCount()).toBe(PAGE_COUNT)
})

it('Relay pages through 137 conferences backwards from the end', async () => {
  const sids = expectedSids(gateway)
  const { list, loadPrevious, requestCount } = await loadList({ last: PAGE_SIZE })
  expect(sidsOf(list())).toEqual(sids.slice(-PAGE_SIZE))
  while (list().pageInfo.hasPreviousPage) await loadPrevious()
  expect(sidsOf(list())).toEqual(sids)
  expect(requestCount()).toBe(PAGE_COUNT)
})

it('Relay loads pages in both directions from the middle of the list', async () => {
  const sids = expectedSids(gateway)
  const { list: firstHalf } = await loadList({ first: 70 })
  const { list, loadNext, loadPrevious } = await loadList({
    first: PAGE_SIZE,
    after: firstHalf().pageInfo.endCursor ?? null,
  })
  expect(list().pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  while (list().pageInfo.hasNextPage) await loadNext()
  while (list().pageInfo.hasPreviousPage) await loadPrevious()
  expect(sidsOf(list())).toEqual(sids)
})

it('ConnectionHandler of Relay finds the list in the store and removes an edge', async () => {
  const { environment, list, loadNext } = await loadList({ first: PAGE_SIZE })
  await loadNext()
  const removed = list().edges[3]?.node
  environment.commitUpdate(store => {
    const connection = ConnectionHandler.getConnection(store.getRoot(), 'conferences_conferences')
    if (connection == null || removed === undefined)
      throw new Error('The store has no connection conferences_conferences.')
    ConnectionHandler.deleteNode(connection, removed.id)
  })
  expect(list().edges).toHaveLength(2 * PAGE_SIZE - 1)
  expect(sidsOf(list())).not.toContain(removed?.sid)
})

it('Relay updates a conference in the list after a refetch by node id', async () => {
  const { environment, list } = await loadList({ first: 137 })
  const listed = list().edges.find(({ node }) => node.sid === CONFERENCE_SID)?.node
  gateway.sandbox.rows.updateConference(CONFERENCE_SID, { friendly_name: 'Renamed for Relay' })
  expect(read<ConferenceData>(environment, conferenceFragment, listed).friendlyName).toBe('Room 070')
  await refetch(environment, conferenceFragment, listed?.id ?? '')
  expect(read<ConferenceData>(environment, conferenceFragment, listed)).toMatchObject({
    sid: CONFERENCE_SID,
    friendlyName: 'Renamed for Relay',
  })
})

it('Relay pages through the participants of a conference with a query by node id', async () => {
  const environment = createEnvironment(gateway.url, basic('part'))
  const sid = conferenceOf('part120')
  const readAll = async (variables: { readonly first?: number; readonly last?: number }) => {
    const { conference } = await load<ParticipantsQuery>(environment, participantsQuery, { sid, ...variables })
    const { data, loadPage } = pagination<ParticipantsData>(environment, participantsFragment, conference)
    for (;;) {
      const { pageInfo } = data().participants
      if (variables.last === undefined && pageInfo.hasNextPage)
        await loadPage('forward', PAGE_SIZE, pageInfo.endCursor ?? null)
      else if (variables.last !== undefined && pageInfo.hasPreviousPage)
        await loadPage('backward', PAGE_SIZE, pageInfo.startCursor ?? null)
      else return data().participants.edges.map(({ node }) => node.callSid)
    }
  }
  const callSids = await readAll({ first: PAGE_SIZE })
  expect(new Set(callSids).size).toBe(120)
  expect(await readAll({ last: PAGE_SIZE })).toEqual(callSids)
})

/** Commits a mutation as `useMutation` does. */
function mutate<T extends MutationParameters>(
  environment: Environment,
  mutation: GraphQLTaggedNode,
  variables: T['variables'],
): Promise<T['response']> {
  return new Promise((resolve, reject) => {
    commitMutation<T>(environment, { mutation, variables, onCompleted: resolve, onError: reject })
  })
}

it('@deleteEdge of Relay removes the participants whose calls a mutation ended, and no other participant', async () => {
  const account = accountOf('part').sid
  const { rows } = gateway.sandbox
  const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const calls = Array.from({ length: 3 }, () => rows.addCall({ account_sid: account, conference_sid: sid }).sid)
  const environment = createEnvironment(gateway.url, basic('part'))
  const { conference } = await load<ParticipantsQuery>(environment, participantsQuery, { sid, first: PAGE_SIZE })
  const { data } = pagination<ParticipantsData>(environment, participantsFragment, conference)
  const listedCalls = () => data().participants.edges.map(({ node }) => node.callSid)
  expect(new Set(listedCalls())).toEqual(new Set(calls))

  const conferenceId = nodeIdOf('Conference', account, sid)
  const connections = [ConnectionHandler.getConnectionID(conferenceId, 'conferences_participants')]
  const participantId = nodeIdOf('Participant', account, sid, calls[0] ?? '')
  const hangUp = () => mutate<HangUpMutation>(environment, hangUpMutation, { input: { participantId }, connections })
  expect(await hangUp()).toEqual({ hangUpParticipant: { removedParticipantId: participantId, userErrors: [] } })
  expect(new Set(listedCalls())).toEqual(new Set(calls.slice(1)))
  expect(await hangUp()).toEqual({
    hangUpParticipant: { removedParticipantId: null, userErrors: [{ code: 'PARTICIPANT_NOT_FOUND' }] },
  })
  expect(new Set(listedCalls())).toEqual(new Set(calls.slice(1)))

  await mutate<EndMutation>(environment, endMutation, { input: { conferenceId }, connections })
  expect(listedCalls()).toEqual([])
})

/** Path of the native compiler; null on unsupported platforms. */
const compilerPath = ((): string | null => {
  const path = createRequire(import.meta.url)('relay-compiler') as unknown
  return typeof path === 'string' && spawnSync(path, ['--version']).status === 0 ? path : null
})()

it.skipIf(compilerPath === null)('the generated Relay files match the queries and docs/schema.graphql', () => {
  const config = fileURLToPath(new URL('relay.config.json', import.meta.url))
  const { status, stdout, stderr } = spawnSync(compilerPath ?? '', ['--noWatchman', '--validate', config], {
    encoding: 'utf8',
  })
  expect(status, `Run \`npm run relay\`:\n${stdout}${stderr}`).toBe(0)
})
