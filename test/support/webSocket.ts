import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Answer, basic, type TestGateway } from './gateway.ts'

/** What a client of graphql-ws sends: a text, and whatever else the gateway takes. */
export interface Sent extends Record<string, unknown> {
  readonly query: string
}

/** Asks once by WebSocket. What comes as an `error` message is shown as HTTP shows it: errors, and no data. */
export const askByWebSocket = async (
  gateway: Pick<TestGateway, 'url'>,
  sent: Sent,
  as: string | null = 'conf137',
): Promise<Answer> => {
  const client = createClient({
    url: gateway.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(as !== null && { connectionParams: { authorization: basic(as) } }),
  })
  try {
    for await (const result of client.iterate(sent)) return result as Answer
    throw new Error('The subscription completed without a result.')
  } catch (error) {
    if (Array.isArray(error)) return { data: undefined, errors: error }
    throw error
  } finally {
    await client.dispose()
  }
}
