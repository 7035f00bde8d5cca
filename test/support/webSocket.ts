import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { basic, type GraphQLAnswer, type TestGateway } from './gateway.ts'

export interface WebSocketRequest extends Record<string, unknown> {
  readonly query: string
}

/** Runs one operation over a WebSocket. An `error` message becomes an answer with `errors` and without `data`. */
export async function queryByWebSocket(
  gateway: Pick<TestGateway, 'url'>,
  sent: WebSocketRequest,
  as: string | null = 'conf137',
): Promise<GraphQLAnswer> {
  const client = createClient({
    url: gateway.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(as !== null && { connectionParams: { authorization: basic(as) } }),
  })
  try {
    for await (const result of client.iterate(sent)) return result as GraphQLAnswer
    throw new Error('The subscription completed without a result.')
  } catch (error) {
    if (Array.isArray(error)) return { data: undefined, errors: error }
    throw error
  } finally {
    await client.dispose()
  }
}
