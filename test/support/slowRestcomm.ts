import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { basicOf } from './gateway.ts'

const SID = `AC${'5'.repeat(32)}`

export interface SlowRestcomm {
  readonly url: string
  readonly authorization: string
  /** Resolves when at least `requests` requests are pending. */
  waitForRequests(requests: number): Promise<void>
}

/** Starts a server until the end of the test. The server returns an account after `delayMs`, or never if null. */
export async function startSlowRestcomm(delayMs: number | null): Promise<SlowRestcomm> {
  let waiting = 0
  const server = createServer((_request, response) => {
    waiting++
    server.emit('waiting')
    response.once('close', () => {
      waiting--
    })
    if (delayMs === null) return
    const body = JSON.stringify({ sid: SID, friendly_name: 'Slow' })
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(body), delayMs)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/restcomm`,
    authorization: basicOf(SID, 'the-token'),
    waitForRequests: async requests => {
      while (waiting < requests) await once(server, 'waiting')
    },
  }
}
