import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { TopClients } from '../../../src/observability/topClients.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Line {
  readonly msg: string
  readonly operations: number
  readonly upstreamRequests: number
  readonly clients: readonly { readonly client: string; readonly cost: number; readonly operations: number }[]
}

function createTopClients() {
  const lines: Line[] = []
  const log = pino({}, { write: line => lines.push(JSON.parse(line)) })
  return { top: new TopClients(log), lines }
}
const clientOf = (name: string) => ({
  clientId: name,
  credentialHash: name,
  clientName: name,
  account: `AC${'0'.repeat(32)}`,
  accounts: null,
  isServiceAccount: true,
})

it('TopClients logs the five clients with the highest cost of each minute', () => {
  const { top, lines } = createTopClients()
  for (let n = 1; n <= 8; n++) {
    for (let i = 0; i < 100; i++) top.record(clientOf(`client-${n}`), n, 2, 1.5)
  }
  vi.advanceTimersByTime(60_000)
  expect(lines).toMatchObject([{ msg: 'top clients', operations: 800, upstreamRequests: 1_600 }])
  expect(lines[0]?.clients.map(({ client, cost }) => [client, cost])).toEqual(
    [8, 7, 6, 5, 4].map(n => [`client-${n}`, 100 * n]),
  )
  expect(lines[0]?.clients[0]).toEqual({
    client: 'client-8',
    clientId: expect.stringMatching(/^[\w-]{16}$/),
    account: `AC${'0'.repeat(32)}`,
    operations: 100,
    cost: 800,
    upstreamRequests: 200,
    milliseconds: 150,
  })
})

it('TopClients logs nothing in a minute without load, and starts each minute from zero', () => {
  const { top, lines } = createTopClients()
  for (let minute = 0; minute < 3; minute++) {
    for (let i = 0; i < 100; i++) top.record(clientOf('quiet'), 1, 1, 1)
    vi.advanceTimersByTime(60_000)
  }
  expect(lines).toEqual([])
})

it('TopClients finds a client with a large share among any number of invented clients', () => {
  const { top, lines } = createTopClients()
  for (let n = 0; n < 5_000; n++) {
    top.record(clientOf(`invented-${n}`), 1, 0, 1)
    if (n % 10 === 0) top.record(clientOf('noisy'), 20, 5, 30)
  }
  vi.advanceTimersByTime(60_000)
  expect(lines[0]?.clients[0]).toMatchObject({ client: 'noisy', cost: 10_000, operations: 500 })
})

it('TopClients leaves no timer behind', () => {
  const { top } = createTopClients()
  top.close()
  expect(vi.getTimerCount()).toBe(0)
})
