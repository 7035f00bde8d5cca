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

/** Serves a supergraph by Apollo Gateway. */
export const serveByApollo = async (supergraphSdl: string, port: number): Promise<Running> => {
  // Read when the gateway is loaded: without it, it looks for the cloud that it is in, and reports its use.
  process.env.APOLLO_TELEMETRY_DISABLED = 'true'
  const { ApolloGateway, RemoteGraphQLDataSource } = await import('@apollo/gateway')

  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name, url }) =>
      new RemoteGraphQLDataSource<Context>({
        ...(url !== undefined && { url }),
        willSendRequest: ({ request, context }) => {
          // They are Restcomm's, and nobody else's business.
          if (name === 'restcomm' && context.authorization !== undefined) {
            request.http?.headers.set('authorization', context.authorization)
          }
        },
      }),
  })
  const server = new ApolloServer<Context>({
    gateway,
    // It would end the process before the subgraphs are stopped.
    stopOnTerminationSignals: false,
    // The landing page is loaded from elsewhere, and reports go elsewhere.
    plugins: [ApolloServerPluginLandingPageDisabled(), ApolloServerPluginUsageReportingDisabled()],
  })
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port },
    context: async ({ req }) => ({ authorization: req.headers.authorization }),
  })
  return { url, close: () => server.stop() }
}
