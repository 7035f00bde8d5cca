import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FaultSettings } from '../../../src/sandbox/index.ts'
import { FAULT_KINDS } from '../../../src/sandbox/index.ts'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import { Prng } from '../../support/prng.ts'
import { type ModerationStats, moderate, type SubscriptionStats, subscribeToMute } from './conferenceActivity.ts'
import { runLoad } from './load.ts'

/** Cause about 1,000 upstream requests with those of the mutations and subscriptions: nine faults of each kind. */
const QUERIES = 400
/** Conferences with mutations, and as many with subscriptions. */
const CONFERENCES = 30
/** More than hanging requests, so that the hanging requests do not delay the rest. */
const CLIENTS = 24

let gateway: TestGateway
const rejections: unknown[] = []
const recordRejection = (reason: unknown) => rejections.push(reason)
beforeAll(async () => {
  process.on('unhandledRejection', recordRejection)
  gateway = await startGateway({
    env: {
      REQUEST_TIMEOUT_MS: '6000',
      RESTCOMM_TIMEOUT_MS: '3000',
      MUTATION_SETTLE_MS: '500',
      LIVE_POLL_INTERVAL_MS: '100',
    },
    config: { restcomm: { maxBodyBytes: 1_000_000 }, live: { graceMs: 1_000 } },
  })
})
afterAll(async () => {
  process.off('unhandledRejection', recordRejection)
  await gateway.close()
})

/** 16 % of the upstream requests fail, with equal shares of all kinds. */
const ALL_FAULTS: FaultSettings = {
  seed: 11,
  shares: Object.fromEntries(FAULT_KINDS.map(kind => [kind, 0.16 / FAULT_KINDS.length])),
  latencyMs: 200,
  trickleMs: 5,
  hugeBytes: 1_500_000,
}

async function metricValue(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  return Number(new RegExp(`^restcomm_graphql_${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1])
}

it('the gateway gives correct responses or upstream errors during mixed faults, and recovers', async () => {
  gateway.sandbox.setFaults(ALL_FAULTS)
  const moderation: ModerationStats = { succeeded: 0, rejected: 0, failed: 0 }
  const subscriptions: SubscriptionStats = { received: 0, failed: 0 }
  const prng = new Prng(1)
  const [stats] = await Promise.all([
    runLoad(gateway, { clients: CLIENTS, queries: QUERIES, hasWrongTypes: true }),
    ...Array.from({ length: CONFERENCES }, () => moderate(gateway, prng, moderation)),
    ...Array.from({ length: CONFERENCES }, (_, number) =>
      subscribeToMute(gateway, number % 2 === 0 ? 'sse' : 'websocket', 30_000, subscriptions),
    ),
  ])
  const { faultCounts } = gateway.sandbox
  process.stdout.write(
    `${JSON.stringify({ ...stats, codes: Object.fromEntries(stats.codes), moderation, subscriptions, faultCounts })}\n`,
  )
  for (const kind of FAULT_KINDS) expect([kind, (faultCounts[kind] ?? 0) > 0]).toEqual([kind, true])
  expect(stats.correct).toBeGreaterThan(stats.failed)
  expect(moderation.succeeded).toBeGreaterThan(moderation.failed)
  expect(subscriptions.received).toBeGreaterThan(subscriptions.failed)

  // A total outage: most queries fail. Ended conferences are still answered from the cache.
  gateway.sandbox.setFaults({ shares: { error503: 0.7, reset: 0.3 } })
  const outage = await runLoad(gateway, {
    clients: 8,
    queries: 200,
    seed: 3,
  })
  expect(outage.failed).toBeGreaterThan(outage.correct)
  expect(outage.codes.has('UPSTREAM_UNAVAILABLE')).toBe(true)

  gateway.sandbox.setFaults(null)
  // The breaker of an account closes after a trial request, so the first queries of an account within 3 s can fail.
  const failuresAfter = async () => {
    const { partial, failed } = await runLoad(gateway, { clients: 8, queries: 100, seed: 4 })
    return partial + failed
  }
  await expect.poll(failuresAfter, { interval: 250, timeout: 30_000 }).toBe(0)
  await subscribeToMute(gateway, 'sse', 30_000, subscriptions)

  await expect.poll(() => metricValue('watches')).toBe(0)
  expect(await metricValue('subscribers')).toBe(0)
  expect(await gateway.sandbox.connections()).toBeLessThanOrEqual(64)
  expect(gateway.sandbox.requests.filter(({ path }) => path.includes('elsewhere'))).toEqual([])
  expect(rejections).toEqual([])
  // Defects of the gateway are logged with level 50.
  expect(gateway.logged.filter(line => line.includes('"level":50'))).toEqual([])
}, 180_000)
