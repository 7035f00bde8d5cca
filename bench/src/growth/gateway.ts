import { once } from 'node:events'
import type { Sandbox } from '../../../src/sandbox/index.ts'
import { cpuUs, residentBytes } from '../process/usage.ts'
import { ours } from '../servers/house.ts'
import { type Running, run } from '../servers/run.ts'

/** This gateway before a sandbox, with settings of its own beside those of production. */
export interface Gateway {
  readonly url: URL
  cpuUs(): number
  residentBytes(): number
  stop(): Promise<void>
}

export const startGateway = async (
  { url }: Sandbox,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<Gateway> => {
  const kind: typeof ours = {
    ...ours,
    command: where => {
      const command = ours.command(where)
      return { ...command, env: { ...command.env, ...settings } }
    },
  }
  const running: Running = await run(kind, { folder, core: 0, upstream: 'immediate', upstreamUrl: url })
  const { pid } = running.process
  return {
    url: running.url,
    cpuUs: () => cpuUs(pid),
    residentBytes: () => residentBytes(pid),
    stop: running.process.stop,
  }
}

/** A WebSocket with subscriptions to these conferences, each of which has had its first event. */
export const subscribe = async (url: URL, authorization: string, ids: readonly string[]): Promise<WebSocket> => {
  const socket = new WebSocket(new URL(url.href.replace('http', 'ws')), 'graphql-transport-ws')
  const send = (message: object) => socket.send(JSON.stringify(message))
  await once(socket, 'open')
  const begun = new Set<string>()
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('close', ({ code, reason }) => reject(new Error(`The socket closed: ${code} ${reason}`)))
    socket.addEventListener('message', ({ data }) => {
      const { type, id, payload } = JSON.parse(String(data)) as { type: string; id?: string; payload?: unknown }
      if (type === 'ping') send({ type: 'pong' })
      if (type === 'error' || type === 'complete') reject(new Error(`A subscription ended: ${JSON.stringify(payload)}`))
      if (type === 'next' && id !== undefined) begun.add(id)
      if (begun.size === ids.length) resolve()
      if (type !== 'connection_ack') return
      for (const [i, conferenceId] of ids.entries()) {
        const query = 'subscription($id: ID!) { conferenceEvents(conferenceId: $id) { __typename } }'
        send({ type: 'subscribe', id: String(i), payload: { query, variables: { id: conferenceId } } })
      }
    })
    send({ type: 'connection_init', payload: { authorization } })
  })
  return socket
}
