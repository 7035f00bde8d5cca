import type { WorkloadName } from '../src/workloads.ts'
import { serveHttp, type WorkloadRequest } from './httpServer.ts'
import { ACCOUNTS_PATH, conferenceOf, participantOf, type WireConference, type WireParticipant } from './restcomm.ts'
import { upstreamGet } from './upstreamGet.ts'

// Answers each workload by hand-written code without GraphQL, as the upper bound for the speed of GraphQL on Node.

const PAGE = 50
const DEEP_PAGE = 20
const REFERENCES = 100
const ALIASES = Array.from({ length: 20 }, (_, i) => `a${i}`)

async function readConferences({ variables: { account }, authorization }: WorkloadRequest, query: string) {
  const list = JSON.parse(await upstreamGet(`${ACCOUNTS_PATH}/${account}/Conferences?${query}`, authorization)) as {
    conferences: WireConference[]
  }
  return list.conferences
}

async function readConference({ variables: { account, sid }, authorization }: WorkloadRequest) {
  const text = await upstreamGet(`${ACCOUNTS_PATH}/${account}/Conferences/${sid}`, authorization)
  return conferenceOf(JSON.parse(text) as WireConference)
}

async function deepPage(request: WorkloadRequest) {
  const page = (request.variables.offset ?? 0) / DEEP_PAGE
  const rows = await readConferences(request, `Page=${page}&PageSize=${DEEP_PAGE}`)
  return { conferences: { nodes: rows.map(conferenceOf) } }
}

async function readParticipants(
  { variables: { account }, authorization }: WorkloadRequest,
  { sid, status }: WireConference,
) {
  if (status === 'COMPLETED' || status === 'FAILED') return []
  const text = await upstreamGet(`${ACCOUNTS_PATH}/${account}/Conferences/${sid}/Participants`, authorization)
  return (JSON.parse(text) as { calls: WireParticipant[] }).calls.map(participantOf)
}

async function conferencesWithParticipants(request: WorkloadRequest) {
  const rows = await readConferences(request, `Page=0&PageSize=${PAGE}`)
  const nodes = await Promise.all(
    rows.map(async row => ({
      ...conferenceOf(row),
      participants: { nodes: await readParticipants(request, row) },
    })),
  )
  return { conferences: { nodes } }
}

const plans: Readonly<Record<WorkloadName, (request: WorkloadRequest) => Promise<unknown>>> = {
  Q1: async request => ({ conference: await readConference(request) }),
  Q2: async request => ({
    conferences: { nodes: (await readConferences(request, `Page=0&PageSize=${PAGE}`)).map(conferenceOf) },
  }),
  Q3: conferencesWithParticipants,
  Q4: async request => {
    const conference = await readConference(request)
    return Object.fromEntries(ALIASES.map(alias => [alias, conference]))
  },
  Q5: conferencesWithParticipants,
  Q6: deepPage,
  Q6s: deepPage,
  Q7: async request => {
    const rows = await readConferences(request, `Page=0&PageSize=${REFERENCES}`)
    const bySid = new Map(rows.map(row => [row.sid, row]))
    const entities = request.variables.representations?.map(({ sid }) => {
      const row = bySid.get(sid)
      return row === undefined ? null : conferenceOf(row)
    })
    return { _entities: entities }
  },
}

serveHttp(async request => JSON.stringify({ data: await plans[request.operationName](request) }))
