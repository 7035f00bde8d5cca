import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Running {
  /** URL of the GraphQL endpoint. */
  readonly url: string
  close(): Promise<void>
}

/** Listens on the loopback interface only; port 0 selects a free port. */
export async function listen(handle: RequestListener, port: number): Promise<Running> {
  const server = createServer(handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/graphql`,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
