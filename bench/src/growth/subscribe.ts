import { once } from 'node:events'

export interface Subscriber {
  /** Number of received events, snapshots included. Throws after the socket or a subscription has ended. */
  events(): number
  close(): void
}

const QUERY = 'subscription($id: ID!) { conferenceEvents(conferenceId: $id) { __typename } }'

/** Opens a WebSocket and subscribes to conferences by ID. Resolves after the first event of each subscription. */
export async function subscribe(url: URL, authorization: string, ids: readonly string[]): Promise<Subscriber> {
  const socket = new WebSocket(new URL(url.href.replace('http', 'ws')), 'graphql-transport-ws')
  const send = (message: object) => socket.send(JSON.stringify(message))
  await once(socket, 'open')
  const startedIds = new Set<string>()
  let events = 0
  let failure: Error | undefined
  const allStarted = Promise.withResolvers<void>()
  const fail = (message: string) => {
    failure ??= new Error(message)
    allStarted.reject(failure)
  }
  socket.addEventListener('close', ({ code, reason }) => fail(`The socket closed: ${code} ${reason}`))
  socket.addEventListener('message', ({ data }) => {
    const { type, id, payload } = JSON.parse(String(data)) as { type: string; id?: string; payload?: unknown }
    if (type === 'ping') send({ type: 'pong' })
    if (type === 'error' || type === 'complete') fail(`A subscription ended: ${JSON.stringify(payload)}`)
    if (type === 'next' && id !== undefined) {
      events++
      startedIds.add(id)
      if (startedIds.size === ids.length) allStarted.resolve()
    }
    if (type !== 'connection_ack') return
    for (const [i, conferenceId] of ids.entries()) {
      send({ type: 'subscribe', id: String(i), payload: { query: QUERY, variables: { id: conferenceId } } })
    }
  })
  send({ type: 'connection_init', payload: { authorization } })
  await allStarted.promise
  return {
    events: () => {
      if (failure !== undefined) throw failure
      return events
    },
    close: () => socket.close(),
  }
}
