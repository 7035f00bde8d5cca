import { fileURLToPath } from 'node:url'
import { operationsFor, WORKLOADS } from '../workloads.ts'
import { graphqlBodies, graphqlData, type ServerDefinition } from './server.ts'

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))

/** With 128 clients on a slow machine, requests exceed the default timeout. */
const REQUEST_TIMEOUT_MS = '60000'
const RESTCOMM_TIMEOUT_MS = '50000'

const queryBody = graphqlBodies(operationsFor({ account: 'AccountSid!', sid: 'ConferenceSid!' }))

/** The compiled gateway runs with logging, metrics and limits, as in production. */
export const ownServer: ServerDefinition = {
  name: 'ours',
  title: 'restcomm-graphql',
  workloads: WORKLOADS,
  command: ({ port, upstreamUrl }) => ({
    command: process.execPath,
    args: [MAIN],
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      RESTCOMM_URL: upstreamUrl,
      REQUEST_TIMEOUT_MS,
      RESTCOMM_TIMEOUT_MS,
    },
  }),
  body: (workload, { offset: _offset, ...variables }) => queryBody(workload, variables),
  data: graphqlData,
}

/** A different build of the gateway, or the same build with different Node flags. */
export function otherBuild(commandLine: string): ServerDefinition {
  const [command = '', ...args] = commandLine.split(' ')
  return {
    ...ownServer,
    name: 'other',
    title: 'restcomm-graphql, other build',
    command: context => ({ ...ownServer.command(context), command, args }),
  }
}
