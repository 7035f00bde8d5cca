import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UPSTREAMS } from '../upstream/nginx.ts'
import type { Variables, WorkloadName } from '../workloads.ts'
import { byOffset, plainBody } from './house.ts'
import { dataOf, type ServerKind } from './server.ts'
import { WITHOUT_REFERENCES, wireData, wireOperations, wireVariables } from './wireNames.ts'

const PEERS = fileURLToPath(new URL('../../peers/', import.meta.url))
const TAILCALL = join(PEERS, 'node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall')

/** They are many packages, so they are installed when they are first wanted. */
const install = async (): Promise<void> => {
  if (!existsSync(join(PEERS, 'node_modules'))) execFileSync('npm', ['ci'], { cwd: PEERS, stdio: 'inherit' })
}

export const apollo: ServerKind = {
  name: 'apollo',
  title: 'Apollo Server 5 + REST data source',
  workloads: [...WITHOUT_REFERENCES, 'Q7'],
  prepare: install,
  command: ({ port, upstreamUrl }) => ({
    command: process.execPath,
    args: [join(PEERS, 'src/apollo.ts')],
    env: { NODE_ENV: 'production', PORT: String(port), RESTCOMM_URL: upstreamUrl },
  }),
  body: (workload, variables) => plainBody(workload, byOffset(variables)),
  data: dataOf,
}

const bodyFrom = (operations: ReturnType<typeof wireOperations>) => (workload: WorkloadName, variables: Variables) =>
  JSON.stringify({
    query: operations[workload],
    operationName: workload,
    variables: wireVariables(workload, variables),
  })

export const mesh: ServerKind = {
  name: 'mesh',
  title: 'GraphQL Mesh on Hive Gateway',
  workloads: WITHOUT_REFERENCES,
  prepare: async (folder, upstreams) => {
    await install()
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
  body: bodyFrom(wireOperations('Page', 'PageSize')),
  data: wireData,
}

export const tailcall: ServerKind = {
  name: 'tailcall',
  title: 'Tailcall',
  workloads: WITHOUT_REFERENCES,
  prepare: install,
  command: ({ port, upstream, upstreamUrl, folder }) => {
    const file = join(folder, `${upstream}.graphql`)
    const config = readFileSync(join(PEERS, 'src/tailcall.graphql'), 'utf8')
    writeFileSync(file, config.replace('PORT', String(port)).replaceAll('RESTCOMM', `${upstreamUrl}/2012-04-24`))
    return { command: TAILCALL, args: ['start', file], env: { TAILCALL_TRACKER: 'false' } }
  },
  body: bodyFrom(wireOperations('page', 'size')),
  data: wireData,
}
