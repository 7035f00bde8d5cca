import { fileURLToPath } from 'node:url'
import { conferenceOf, participantOf, type WireConference, type WireParticipant } from '../../servers/restcomm.ts'
import { operationsFor, type Variables, WORKLOADS, type WorkloadName } from '../workloads.ts'
import { graphqlBodies, graphqlData, type ServerDefinition } from './server.ts'

export const plainQueryBody = graphqlBodies(operationsFor({ account: 'String!', sid: 'String!' }))

/** Replaces the gateway's cursor by the number of rows before the page. */
export function withOffsetCursor({ offset, after: _after, ...variables }: Variables) {
  return { ...variables, ...(offset !== undefined && { after: String(offset) }) }
}

function nodeServer(file: string): ServerDefinition['command'] {
  return ({ port, upstreamUrl }) => ({
    command: process.execPath,
    args: [fileURLToPath(new URL(`../../${file}`, import.meta.url))],
    env: { NODE_ENV: 'production', PORT: String(port), RESTCOMM_URL: upstreamUrl },
  })
}

export const yoga: ServerDefinition = {
  name: 'yoga',
  title: 'plain Yoga, fetch, no loader',
  workloads: WORKLOADS,
  command: nodeServer('servers/yoga.ts'),
  body: (workload, variables) => plainQueryBody(workload, withOffsetCursor(variables)),
  data: graphqlData,
}

export const ceiling: ServerDefinition = {
  name: 'ceiling',
  title: 'ceiling: hard-coded plans',
  workloads: WORKLOADS,
  command: nodeServer('servers/ceiling.ts'),
  body: (operationName, variables) => JSON.stringify({ operationName, variables }),
  data: graphqlData,
}

export const proxy: ServerDefinition = {
  name: 'proxy',
  title: 'bare proxy of the REST responses',
  workloads: WORKLOADS,
  command: nodeServer('servers/proxy.ts'),
  body: (operationName, variables) => JSON.stringify({ operationName, variables }),
  data: (text, workload, variables) => toGraphqlData(JSON.parse(text), workload, variables),
}

type RestResponses = readonly [unknown, ...{ readonly calls: readonly WireParticipant[] }[]]

/** Builds the data of the GraphQL response from the REST responses, as a client of the bare proxy would. */
function toGraphqlData([first, ...participants]: RestResponses, workload: WorkloadName, variables: Variables): unknown {
  if (workload === 'Q1') return { conference: conferenceOf(first as WireConference) }
  if (workload === 'Q4') {
    const conference = conferenceOf(first as WireConference)
    return Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`a${i}`, conference]))
  }
  const rows = (first as { readonly conferences: readonly WireConference[] }).conferences
  if (workload === 'Q7') {
    const bySid = new Map(rows.map(row => [row.sid, conferenceOf(row)]))
    return { _entities: variables.representations?.map(({ sid }) => bySid.get(sid)) }
  }
  if (workload !== 'Q3' && workload !== 'Q5') return { conferences: { nodes: rows.map(conferenceOf) } }
  const remaining = [...participants]
  const nodes = rows.map(row => {
    const calls = row.status === 'COMPLETED' ? [] : (remaining.shift()?.calls ?? [])
    return { ...conferenceOf(row), participants: { nodes: calls.map(participantOf) } }
  })
  return { conferences: { nodes } }
}
