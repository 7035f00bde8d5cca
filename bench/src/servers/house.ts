import { fileURLToPath } from 'node:url'
import { conferenceOf, participantOf, type WireConference, type WireParticipant } from '../../servers/restcomm.ts'
import { operationsFor, type Variables, WORKLOADS, type WorkloadName } from '../workloads.ts'
import { dataOf, type ServerKind } from './server.ts'

const fileAt = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const bodyWith = (operations: Readonly<Record<WorkloadName, string>>) => (workload: WorkloadName, variables: object) =>
  JSON.stringify({ query: operations[workload], operationName: workload, variables })

const PRODUCTION = { NODE_ENV: 'production' }

const ownBody = bodyWith(operationsFor({ account: 'AccountSid!', sid: 'ConferenceSid!' }))

/** What a request may take. Others have no such limit, and on a slow machine 128 clients wait longer than clients should. */
const PATIENCE_MS = '60000'

/** As it is run: built, with its log, its metrics and its limits on. */
export const ours: ServerKind = {
  name: 'ours',
  title: 'restcomm-graphql',
  workloads: WORKLOADS,
  command: ({ port, upstreamUrl }) => ({
    command: process.execPath,
    args: [fileAt('../dist/main.js')],
    env: {
      ...PRODUCTION,
      PORT: String(port),
      RESTCOMM_URL: upstreamUrl,
      REQUEST_TIMEOUT_MS: PATIENCE_MS,
      RESTCOMM_TIMEOUT_MS: PATIENCE_MS,
    },
  }),
  body: (workload, { offset: _offset, ...variables }) => ownBody(workload, variables),
  data: dataOf,
}

/** Another build of this gateway, or the same with other flags, to be measured beside it. */
export const other = (commandLine: string): ServerKind => {
  const [command = '', ...args] = commandLine.split(' ')
  return { ...ours, name: 'other', title: 'the other', command: where => ({ ...ours.command(where), command, args }) }
}

export const plainBody = bodyWith(operationsFor({ account: 'String!', sid: 'String!' }))

/** For gateways whose cursors are the number of rows before the page. */
export const byOffset = ({ offset, after: _after, ...variables }: Variables) => ({
  ...variables,
  ...(offset !== undefined && { after: String(offset) }),
})

const nodeServer =
  (file: string): ServerKind['command'] =>
  ({ port, upstreamUrl }) => ({
    command: process.execPath,
    args: [fileAt(file)],
    env: { ...PRODUCTION, PORT: String(port), RESTCOMM_URL: upstreamUrl },
  })

export const yoga: ServerKind = {
  name: 'yoga',
  title: 'plain Yoga, fetch, no loader',
  workloads: WORKLOADS,
  command: nodeServer('servers/yoga.ts'),
  body: (workload, variables) => plainBody(workload, byOffset(variables)),
  data: dataOf,
}

export const ceiling: ServerKind = {
  name: 'ceiling',
  title: 'ceiling: hard-coded plans',
  workloads: WORKLOADS,
  command: nodeServer('servers/ceiling.ts'),
  body: (operationName, variables) => JSON.stringify({ operationName, variables }),
  data: dataOf,
}

export const proxy: ServerKind = {
  name: 'proxy',
  title: 'bare proxy of the REST answers',
  workloads: WORKLOADS,
  command: nodeServer('servers/proxy.ts'),
  body: (operationName, variables) => JSON.stringify({ operationName, variables }),
  data: (text, workload, variables) => shaped(JSON.parse(text), workload, variables),
}

type RestAnswers = readonly [unknown, ...{ readonly calls: readonly WireParticipant[] }[]]

/** What a client would make of the proxy's answers. */
const shaped = ([first, ...participants]: RestAnswers, workload: WorkloadName, variables: Variables): unknown => {
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
  const rest = [...participants]
  const nodes = rows.map(row => {
    const calls = row.status === 'COMPLETED' ? [] : (rest.shift()?.calls ?? [])
    return { ...conferenceOf(row), participants: { nodes: calls.map(participantOf) } }
  })
  return { conferences: { nodes } }
}
