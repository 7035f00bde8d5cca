import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FaultSettings } from '../../../src/sandbox/index.ts'
import { FAULT_KINDS } from '../../../src/sandbox/index.ts'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import { askUntil } from './client.ts'
import { diceFrom } from './queries.ts'
import { type Moderated, moderate, type Watched, watch } from './fixtures.ts'

/** Milliseconds. */
const STORM = 60_000
const DEADLINE = 6_000
/** So few that on a machine which is busy with other tests they wait for the faults, and not for each other. */
const CLIENTS = 12

let gateway: TestGateway
const rejections: unknown[] = []
const keepRejection = (reason: unknown) => rejections.push(reason)
beforeAll(async () => {
  process.on('unhandledRejection', keepRejection)
  gateway = await startGateway({
    env: {
      REQUEST_TIMEOUT_MS: String(DEADLINE),
      RESTCOMM_TIMEOUT_MS: '3000',
      RESTCOMM_BREAKER_OPEN_MS: '1000',
      RESTCOMM_MAX_BODY_BYTES: '1000000',
      MUTATION_SETTLE_MS: '500',
      LIVE_POLL_INTERVAL_MS: '100',
      LIVE_GRACE_MS: '1000',
    },
  })
})
afterAll(async () => {
  process.off('unhandledRejection', keepRejection)
  await gateway.close()
})

/** One request in six is struck, by one of all that there are. */
const ALL: FaultSettings = {
  seed: 11,
  shares: Object.fromEntries(FAULT_KINDS.map(kind => [kind, 0.16 / FAULT_KINDS.length])),
  latencyMs: 200,
  trickleMs: 5,
  hugeBytes: 1_500_000,
}

const figure = async (name: string): Promise<number> => {
  const text = await (await fetch(`${gateway.operatorUrl}/metrics`)).text()
  return Number(new RegExp(`^restcomm_graphql_${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1])
}

const repeatUntil = async (until: number, act: (round: number) => Promise<void>) => {
  for (let round = 0; performance.now() < until; round++) await act(round)
}

it('a minute of all faults at once, under load: every answer is right or an error of the upstream, and it is over when it is over', async () => {
  gateway.sandbox.setFaults(ALL)
  const until = performance.now() + STORM
  const moderated: Moderated = { done: 0, refused: 0, failed: 0 }
  const watched: Watched = { seen: 0, failed: 0 }
  const [tally] = await Promise.all([
    askUntil(gateway, { clients: CLIENTS, deadlineMs: DEADLINE, until }),
    ...[1, 2].map(seed => {
      const dice = diceFrom(seed)
      return repeatUntil(until, () => moderate(gateway, dice, moderated))
    }),
    ...[0, 1, 2, 3].map(client =>
      repeatUntil(until, round => watch(gateway, (client + round) % 2 === 0 ? 'sse' : 'websocket', 8_000, watched)),
    ),
  ])
  const { struck } = gateway.sandbox
  process.stdout.write(
    `${JSON.stringify({ ...tally, codes: Object.fromEntries(tally.codes), moderated, watched, struck })}\n`,
  )
  for (const kind of FAULT_KINDS) expect([kind, (struck[kind] ?? 0) > 0]).toEqual([kind, true])
  expect(tally.right).toBeGreaterThan(tally.failed)
  expect(tally.right + tally.partial + tally.failed).toBeGreaterThan(100)
  expect(moderated.done).toBeGreaterThan(moderated.failed)
  expect(watched.seen).toBeGreaterThan(watched.failed)

  // Nothing at all is answered for a while; and it is told soon, not after the deadline every time.
  gateway.sandbox.setFaults({ shares: { error503: 0.7, reset: 0.3 } })
  const outage = await askUntil(gateway, {
    clients: 8,
    deadlineMs: DEADLINE,
    until: performance.now() + 3_000,
    seed: 3,
  })
  // Rooms that are over are kept, and still there.
  expect(outage.failed).toBeGreaterThan(outage.right)
  expect(outage.codes.has('UPSTREAM_UNAVAILABLE')).toBe(true)

  gateway.sandbox.setFaults(null)
  const isWell = async () => {
    const { right, partial, failed } = await askUntil(gateway, {
      clients: 4,
      deadlineMs: DEADLINE,
      until: performance.now() + 200,
      seed: 3,
    })
    return right > 0 && partial + failed === 0
  }
  await expect.poll(isWell, { timeout: 20_000, interval: 250 }).toBe(true)
  const after = await askUntil(gateway, { clients: 8, deadlineMs: DEADLINE, until: performance.now() + 1_000, seed: 4 })
  expect(after).toMatchObject({ partial: 0, failed: 0 })
  await watch(gateway, 'sse', 8_000, watched)

  await expect.poll(() => figure('watches'), { timeout: 5_000 }).toBe(0)
  expect(await figure('subscribers')).toBe(0)
  expect(await gateway.sandbox.connections()).toBeLessThanOrEqual(64)
  expect(gateway.sandbox.requests.filter(({ path }) => path.includes('elsewhere'))).toEqual([])
  expect(rejections).toEqual([])
  // A mistake of the gateway's own is logged as one.
  expect(gateway.logged.filter(line => line.includes('"level":50'))).toEqual([])
}, 180_000)
