import { createGatewayRuntime } from '@graphql-hive/gateway'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { listen, type Running } from './listen.ts'

/** Serves a supergraph by Hive Gateway. */
export const serveByHive = async (supergraph: string, port: number): Promise<Running> => {
  const gateway = createGatewayRuntime({
    supergraph,
    logging: 'error',
    landingPage: false,
    // The page for browsers, without what its default loads from elsewhere.
    renderGraphiQL,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request, subgraphName }) => {
        const authorization = request.headers.get('authorization')
        // They are Restcomm's, and nobody else's business.
        return subgraphName === 'restcomm' && authorization !== null ? { authorization } : undefined
      },
    },
  })
  const { url, close } = await listen(gateway, port)
  return {
    url,
    close: async () => {
      await close()
      await gateway[Symbol.asyncDispose]()
    },
  }
}
