import { afterAll, beforeAll, expect, it } from 'vitest'
import { FAULT_KINDS } from '../../../src/sandbox/index.ts'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import { runLoad } from './load.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({
    env: {
      REQUEST_TIMEOUT_MS: '6000',
      RESTCOMM_TIMEOUT_MS: '2000',
    },
    config: { restcomm: { breakerOpenMs: 500, maxBodyBytes: 1_000_000 } },
  })
})
afterAll(() => gateway.close())

/** Injected faults per kind. Slow faults reach the end of the load (2 s) first. */
const MAX_FAULTS = 50

const runLoadFor = (durationMs: number, clients = 6, shouldStop = () => false) =>
  runLoad(gateway, { clients, endMs: performance.now() + durationMs, shouldStop })

it('every response is correct if the upstream has no faults', async () => {
  const stats = await runLoadFor(2_000)
  expect(stats).toMatchObject({ partial: 0, failed: 0 })
  expect(stats.correct).toBeGreaterThan(2)
})

it.each(FAULT_KINDS)(
  'every response is correct or an upstream error while one in ten upstream requests has the fault %s',
  async kind => {
    const countBefore = gateway.sandbox.faultCounts[kind] ?? 0
    const injected = () => (gateway.sandbox.faultCounts[kind] ?? 0) - countBefore
    const settings = { latencyMs: 150, trickleMs: 5, hugeBytes: 1_500_000 }
    gateway.sandbox.setFaults({ seed: 7, shares: { [kind]: 0.1 }, ...settings })
    const stats = await runLoadFor(2_000, 6, () => injected() >= MAX_FAULTS)
    gateway.sandbox.setFaults(null)
    expect(injected()).toBeGreaterThan(0)
    expect(stats.correct).toBeGreaterThan(stats.failed)
    // The gateway follows no redirects, because the request carries credentials.
    expect(gateway.sandbox.requests.filter(({ path }) => path.includes('elsewhere'))).toEqual([])

    await expect.poll(async () => (await runLoadFor(50, 2)).failed, { interval: 200 }).toBe(0)
    const statsAfter = await runLoadFor(300)
    expect(statsAfter).toMatchObject({ partial: 0, failed: 0 })
  },
  40_000,
)
