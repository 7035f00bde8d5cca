import { createGatewayRuntime } from '@graphql-hive/gateway'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { listen, type Running } from './listen.ts'

export async function serveWithHive(supergraph: string, port: number): Promise<Running> {
  const gateway = createGatewayRuntime({
    supergraph,
    logging: 'error',
    landingPage: false,
    // This GraphiQL page is self-contained. The default page would load scripts from a CDN.
    renderGraphiQL,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request, subgraphName }) => {
        const authorization = request.headers.get('authorization')
        // Only restcomm-graphql may receive the Restcomm credentials.
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
