import type { WorkloadName } from '../src/workloads.ts'
import { type Asked, serve } from './door.ts'
import { get } from './get.ts'
import { API, conferenceOf, participantOf, type WireConference, type WireParticipant } from './restcomm.ts'

/** No GraphQL at all: for each workload its plan, as one would write it by hand for this query and no other. */

const PAGE = 50
const DEEP_PAGE = 20
const REFERENCES = 100
const ALIASES = Array.from({ length: 20 }, (_, i) => `a${i}`)

const conferences = async ({ variables: { account }, authorization }: Asked, query: string) => {
  const list = JSON.parse(await get(`${API}/${account}/Conferences?${query}`, authorization)) as {
    conferences: WireConference[]
  }
  return list.conferences
}

const one = async ({ variables: { account, sid }, authorization }: Asked) =>
  conferenceOf(JSON.parse(await get(`${API}/${account}/Conferences/${sid}`, authorization)) as WireConference)

const page = async (asked: Asked) => {
  const rows = await conferences(asked, `Page=${(asked.variables.offset ?? 0) / DEEP_PAGE}&PageSize=${DEEP_PAGE}`)
  return { conferences: { nodes: rows.map(conferenceOf) } }
}

const participants = async ({ variables: { account }, authorization }: Asked, { sid, status }: WireConference) => {
  if (status === 'COMPLETED' || status === 'FAILED') return []
  const text = await get(`${API}/${account}/Conferences/${sid}/Participants`, authorization)
  return (JSON.parse(text) as { calls: WireParticipant[] }).calls.map(participantOf)
}

const withParticipants = async (asked: Asked) => {
  const rows = await conferences(asked, `Page=0&PageSize=${PAGE}`)
  const nodes = await Promise.all(
    rows.map(async row => ({ ...conferenceOf(row), participants: { nodes: await participants(asked, row) } })),
  )
  return { conferences: { nodes } }
}

const plans: Readonly<Record<WorkloadName, (asked: Asked) => Promise<unknown>>> = {
  Q1: async asked => ({ conference: await one(asked) }),
  Q2: async asked => ({
    conferences: { nodes: (await conferences(asked, `Page=0&PageSize=${PAGE}`)).map(conferenceOf) },
  }),
  Q3: withParticipants,
  Q4: async asked => {
    const conference = await one(asked)
    return Object.fromEntries(ALIASES.map(alias => [alias, conference]))
  },
  Q5: withParticipants,
  Q6: page,
  Q6s: page,
  Q7: async asked => {
    const rows = await conferences(asked, `Page=0&PageSize=${REFERENCES}`)
    const bySid = new Map(rows.map(row => [row.sid, row]))
    const found = asked.variables.representations?.map(({ sid }) => {
      const row = bySid.get(sid)
      return row === undefined ? null : conferenceOf(row)
    })
    return { _entities: found }
  },
}

serve(async asked => JSON.stringify({ data: await plans[asked.operationName](asked) }))
