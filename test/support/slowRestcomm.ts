import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { basicOf } from './gateway.ts'

const SID = `AC${'5'.repeat(32)}`

export interface SlowRestcomm {
  readonly url: string
  /** What its only account logs in with. */
  readonly authorization: string
  /** Once so many requests are waiting for their answer. */
  waiting(requests: number): Promise<void>
}

/** Knows one account and answers after a while; never, where that is null. It is gone when the test is over. */
export const slowRestcomm = async (afterMs: number | null): Promise<SlowRestcomm> => {
  let waiting = 0
  const server = createServer((_request, response) => {
    waiting++
    server.emit('waiting')
    response.once('close', () => {
      waiting--
    })
    if (afterMs === null) return
    const body = JSON.stringify({ sid: SID, friendly_name: 'Slow' })
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(body), afterMs)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/restcomm`,
    authorization: basicOf(SID, 'the-token'),
    waiting: async requests => {
      while (waiting < requests) await once(server, 'waiting')
    },
  }
}
