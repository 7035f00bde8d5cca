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
    config: { restcomm: { maxBodyBytes: 1_000_000 } },
  })
})
afterAll(() => gateway.close())

/** Cause about 170 upstream requests, of which 13 to 19 have a fault. */
const QUERIES = 100
/** More than faults, so that all slow faults are in progress at the same time. */
const CLIENTS = 24

it('every response is correct if the upstream has no faults', async () => {
  const stats = await runLoad(gateway, { clients: CLIENTS, queries: QUERIES })
  expect(stats).toMatchObject({ correct: QUERIES, partial: 0, failed: 0 })
})

it.each(FAULT_KINDS)(
  'every response is correct or an upstream error while one in ten upstream requests has the fault %s',
  async kind => {
    const countBefore = gateway.sandbox.faultCounts[kind] ?? 0
    const injected = () => (gateway.sandbox.faultCounts[kind] ?? 0) - countBefore
    const settings = { latencyMs: 150, trickleMs: 5, hugeBytes: 1_500_000 }
    gateway.sandbox.setFaults({ seed: 7, shares: { [kind]: 0.1 }, ...settings })
    const seed = FAULT_KINDS.indexOf(kind)
    const stats = await runLoad(gateway, {
      clients: CLIENTS,
      queries: QUERIES,
      seed,
      hasWrongTypes: kind === 'wrongTypes',
    })
    gateway.sandbox.setFaults(null)
    expect(injected()).toBeGreaterThan(5)
    expect(stats.correct).toBeGreaterThan(stats.failed)
    // The gateway follows no redirects, because the request carries credentials.
    expect(gateway.sandbox.requests.filter(({ path }) => path.includes('elsewhere'))).toEqual([])

    // A circuit breaker may still be open.
    const failures = async () => (await runLoad(gateway, { clients: 2, queries: 4 })).failed
    await expect.poll(failures, { interval: 200 }).toBe(0)
    const statsAfter = await runLoad(gateway, { clients: CLIENTS, queries: QUERIES / 4 })
    expect(statsAfter).toMatchObject({ partial: 0, failed: 0 })
  },
  40_000,
)
