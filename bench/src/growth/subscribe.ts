import { once } from 'node:events'

/** A WebSocket whose subscriptions have all begun. */
export interface Subscriber {
  /** Events that have come so far, the first of each subscription among them. Throws once the socket or one of them has ended. */
  events(): number
  close(): void
}

const QUERY = 'subscription($id: ID!) { conferenceEvents(conferenceId: $id) { __typename } }'

/** A WebSocket with subscriptions to these conferences, each of which has had its first event. */
export const subscribe = async (url: URL, authorization: string, ids: readonly string[]): Promise<Subscriber> => {
  const socket = new WebSocket(new URL(url.href.replace('http', 'ws')), 'graphql-transport-ws')
  const send = (message: object) => socket.send(JSON.stringify(message))
  await once(socket, 'open')
  const begun = new Set<string>()
  let events = 0
  let failure: Error | undefined
  const beginning = Promise.withResolvers<void>()
  const fail = (message: string) => {
    failure ??= new Error(message)
    beginning.reject(failure)
  }
  socket.addEventListener('close', ({ code, reason }) => fail(`The socket closed: ${code} ${reason}`))
  socket.addEventListener('message', ({ data }) => {
    const { type, id, payload } = JSON.parse(String(data)) as { type: string; id?: string; payload?: unknown }
    if (type === 'ping') send({ type: 'pong' })
    if (type === 'error' || type === 'complete') fail(`A subscription ended: ${JSON.stringify(payload)}`)
    if (type === 'next' && id !== undefined) {
      events++
      begun.add(id)
      if (begun.size === ids.length) beginning.resolve()
    }
    if (type !== 'connection_ack') return
    for (const [i, conferenceId] of ids.entries()) {
      send({ type: 'subscribe', id: String(i), payload: { query: QUERY, variables: { id: conferenceId } } })
    }
  })
  send({ type: 'connection_init', payload: { authorization } })
  await beginning.promise
  return {
    events: () => {
      if (failure !== undefined) throw failure
      return events
    },
    close: () => socket.close(),
  }
}
