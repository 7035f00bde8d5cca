import { afterAll, beforeAll, expect, it } from 'vitest'
import { FAULT_KINDS } from '../../../src/sandbox/index.ts'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import { askUntil } from './client.ts'

const DEADLINE = 6_000
let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({
    env: {
      REQUEST_TIMEOUT_MS: String(DEADLINE),
      RESTCOMM_TIMEOUT_MS: '2000',
      RESTCOMM_BREAKER_OPEN_MS: '500',
      RESTCOMM_MAX_BODY_BYTES: '1000000',
    },
  })
})
afterAll(() => gateway.close())

/** So many requests are struck by each kind, or as many as there are in two seconds: one that hangs takes all of them. */
const STRUCK = 50

const askFor = (ms: number, clients = 6, isEnough = () => false) =>
  askUntil(gateway, { clients, deadlineMs: DEADLINE, until: performance.now() + ms, isEnough })

it('without faults everything is right', async () => {
  const tally = await askFor(2_000)
  expect(tally).toMatchObject({ partial: 0, failed: 0 })
  expect(tally.right).toBeGreaterThan(2)
})

it.each(FAULT_KINDS)(
  'with %s every tenth time, every answer is right or an error of the upstream',
  async kind => {
    const before = gateway.sandbox.struck[kind] ?? 0
    const struck = () => (gateway.sandbox.struck[kind] ?? 0) - before
    const settings = { latencyMs: 150, trickleMs: 5, hugeBytes: 1_500_000 }
    gateway.sandbox.setFaults({ seed: 7, shares: { [kind]: 0.1 }, ...settings })
    const tally = await askFor(2_000, 6, () => struck() >= STRUCK)
    gateway.sandbox.setFaults(null)
    expect(struck()).toBeGreaterThan(0)
    expect(tally.right).toBeGreaterThan(tally.failed)
    // What Restcomm did not say at the wrong place is never asked elsewhere, least of all with credentials.
    expect(gateway.sandbox.requests.filter(({ path }) => path.includes('elsewhere'))).toEqual([])

    await expect.poll(async () => (await askFor(50, 2)).failed, { timeout: 20_000, interval: 200 }).toBe(0)
    const after = await askFor(300)
    expect(after).toMatchObject({ partial: 0, failed: 0 })
  },
  40_000,
)
