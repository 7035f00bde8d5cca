import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UPSTREAMS } from '../upstream/nginx.ts'
import { type Variables, WORKLOADS, type WorkloadName } from '../workloads.ts'
import { plainQueryBody, withOffsetCursor } from './referenceServers.ts'
import { graphqlData, type ServerDefinition } from './server.ts'
import { WORKLOADS_WITHOUT_ENTITIES, wireData, wireOperations, wireVariables } from './wireNames.ts'

const PEERS = fileURLToPath(new URL('../../peers/', import.meta.url))
const TAILCALL = join(PEERS, 'node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall')

/** The peers need many packages, so npm installs the packages on first use only. */
async function installPeers(): Promise<void> {
  if (!existsSync(join(PEERS, 'node_modules'))) execFileSync('npm', ['ci'], { cwd: PEERS, stdio: 'inherit' })
}

export const apollo: ServerDefinition = {
  name: 'apollo',
  title: 'Apollo Server 5 + REST data source',
  workloads: WORKLOADS,
  prepare: installPeers,
  command: ({ port, upstreamUrl }) => ({
    command: process.execPath,
    args: [join(PEERS, 'src/apollo.ts')],
    env: { NODE_ENV: 'production', PORT: String(port), RESTCOMM_URL: upstreamUrl },
  }),
  body: (workload, variables) => plainQueryBody(workload, withOffsetCursor(variables)),
  data: graphqlData,
}

function wireBodies(operations: ReturnType<typeof wireOperations>) {
  return (workload: WorkloadName, variables: Variables) =>
    JSON.stringify({
      query: operations[workload],
      operationName: workload,
      variables: wireVariables(workload, variables),
    })
}

export const mesh: ServerDefinition = {
  name: 'mesh',
  title: 'GraphQL Mesh on Hive Gateway',
  workloads: WORKLOADS_WITHOUT_ENTITIES,
  prepare: async (folder, upstreams) => {
    await installPeers()
    mkdirSync(folder, { recursive: true })
    for (const upstream of UPSTREAMS) {
      const url = upstreams[upstream]
      if (url === null) continue
      const args = ['-c', join(PEERS, 'src/mesh.config.ts'), '-o', join(folder, `${upstream}.graphql`)]
      const env = { ...process.env, RESTCOMM_URL: url }
      execFileSync(join(PEERS, 'node_modules/.bin/mesh-compose'), args, { cwd: PEERS, env, stdio: 'pipe' })
    }
  },
  command: ({ port, upstream, folder }) => ({
    command: process.execPath,
    args: [
      join(PEERS, 'node_modules/@graphql-hive/gateway/dist/bin.js'),
      'supergraph',
      join(folder, `${upstream}.graphql`),
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...['--config-path', join(PEERS, 'src/gateway.config.ts')],
    ],
    env: { NODE_ENV: 'production' },
  }),
  body: wireBodies(wireOperations('Page', 'PageSize')),
  data: wireData,
}

export const tailcall: ServerDefinition = {
  name: 'tailcall',
  title: 'Tailcall',
  workloads: WORKLOADS_WITHOUT_ENTITIES,
  prepare: installPeers,
  command: ({ port, upstream, upstreamUrl, folder }) => {
    const file = join(folder, `${upstream}.graphql`)
    const config = readFileSync(join(PEERS, 'src/tailcall.graphql'), 'utf8')
    writeFileSync(file, config.replace('PORT', String(port)).replaceAll('RESTCOMM', `${upstreamUrl}/2012-04-24`))
    return { command: TAILCALL, args: ['start', file], env: { TAILCALL_TRACKER: 'false' } }
  },
  body: wireBodies(wireOperations('page', 'size')),
  data: wireData,
}
