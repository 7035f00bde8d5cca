import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { startStandaloneServer } from '@apollo/server/standalone'
import type { Running } from './listen.ts'

interface Context {
  readonly authorization?: string | undefined
}

export async function serveWithApollo(supergraphSdl: string, port: number): Promise<Running> {
  // The import below reads this variable. Without it, Apollo Gateway detects the cloud provider and reports its use.
  process.env.APOLLO_TELEMETRY_DISABLED = 'true'
  const { ApolloGateway, RemoteGraphQLDataSource } = await import('@apollo/gateway')

  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name, url }) =>
      new RemoteGraphQLDataSource<Context>({
        ...(url !== undefined && { url }),
        willSendRequest: ({ request, context }) => {
          // Only restcomm-graphql may receive the Restcomm credentials.
          if (name === 'restcomm' && context.authorization !== undefined) {
            request.http?.headers.set('authorization', context.authorization)
          }
        },
      }),
  })
  const server = new ApolloServer<Context>({
    gateway,
    // Apollo's own signal handlers would end the process before the subgraphs are stopped.
    stopOnTerminationSignals: false,
    // The landing page would load scripts from Apollo's servers, and usage reports would go to Apollo's servers.
    plugins: [ApolloServerPluginLandingPageDisabled(), ApolloServerPluginUsageReportingDisabled()],
  })
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port },
    context: async ({ req }) => ({ authorization: req.headers.authorization }),
  })
  return { url, close: () => server.stop() }
}
