import { setTimeout as delay } from 'node:timers/promises'
import { encodeNodeId } from '../../../src/relay/nodeId.ts'
import { startSandbox } from '../../../src/sandbox/index.ts'
import { type Account, addAccount, emptyRows } from '../data/testData.ts'
import { waitFor } from '../process/waitFor.ts'
import { formatNumber } from '../report/table.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { type Subscriber, subscribe } from './subscribe.ts'

export const SUBSCRIPTIONS = 10_000
const SOCKETS_PER_BATCH = 20
const MAX_RESIDENT_BYTES = 1_073_741_824
/** Allowed reachable memory after the subscriptions, as a share of the memory of the subscriptions. */
const MAX_RETAINED_SHARE = 0.05

export interface Scenario {
  readonly title: string
  readonly conferences: number
  readonly sockets: number
  readonly pollMs: number
  /** Idle time before the measurement. Each conference is polled several times. */
  readonly idleMs: number
}

export const SUBSCRIPTION_HEAD = [
  '10,000 idle subscriptions',
  'MB resident before',
  'MB resident with subscriptions',
  'KB reachable per subscription',
  'MB reachable before',
  'MB reachable after their end',
  'CPU share',
]

/**
 * Measures the memory of 10,000 idle subscriptions. Throws if the memory exceeds a limit, or if a subscription misses
 * the final event.
 */
export async function measureSubscriptions(folder: string, scenario: Scenario): Promise<string[]> {
  const { title, conferences, sockets: count, pollMs, idleMs } = scenario
  const rows = emptyRows()
  const account = addAccount(rows, { name: 'watched', conferences, isRunning: () => true, participants: () => 3 })
  const sandbox = await startSandbox({ rows: rows.snapshot() })
  const gateway = await startGateway(sandbox, folder, {
    // One set of credentials may use a tenth of the watches.
    LIVE_MAX_WATCHES: String(10 * SUBSCRIPTIONS),
    LIVE_POLL_INTERVAL_MS: String(pollMs),
  })
  const subscribers: Subscriber[] = []
  const events = () => subscribers.reduce((sum, subscriber) => sum + subscriber.events(), 0)
  try {
    const before = gateway.residentBytes()
    const reachableBefore = await gateway.reachableBytes()
    for await (const batch of openInBatches(gateway, account, count)) subscribers.push(...batch)
    const cpuUsBefore = gateway.cpuUs()
    await delay(idleMs)
    const cpuShare = (gateway.cpuUs() - cpuUsBefore) / (idleMs * 1_000)
    const held = gateway.residentBytes()
    if (events() !== SUBSCRIPTIONS) {
      throw new Error(`${title}: expected ${SUBSCRIPTIONS} initial events, received ${events()}.`)
    }
    if (held > MAX_RESIDENT_BYTES) throw new Error(`${title}: ${formatNumber(held / 1e6)} MB resident, limit 1 GiB.`)
    const reachable = await gateway.reachableBytes()

    const [sid = ''] = account.conferences
    sandbox.rows.addCall({ account_sid: account.sid, conference_sid: sid })
    // An idle conference is polled at least every four intervals (± 10 %). A timeout of five intervals suffices.
    const expectedEvents = SUBSCRIPTIONS + SUBSCRIPTIONS / conferences
    await waitFor('the final event', async () => events() >= expectedEvents, { timeoutMs: pollMs * 5 })

    for (const subscriber of subscribers) subscriber.close()
    // Polls in progress hold memory. So `after` is measured without requests.
    await waitFor('the end of the subscriptions', async () => (await countActive(gateway)) === 0)
    const after = await gateway.reachableBytes()
    const retainedShare = (after - reachableBefore) / (reachable - reachableBefore)
    if (retainedShare > MAX_RETAINED_SHARE) {
      throw new Error(`${title}: ${formatNumber(after / 1e6)} MB reachable after the end of the subscriptions.`)
    }
    const megabytes = [before, held].map(bytes => formatNumber(bytes / 1e6))
    const perSubscription = formatNumber((reachable - reachableBefore) / SUBSCRIPTIONS / 1_000)
    return [
      title,
      ...megabytes,
      perSubscription,
      formatNumber(reachableBefore / 1e6),
      formatNumber(after / 1e6),
      `${Math.round(100 * cpuShare)} %`,
    ]
  } finally {
    for (const subscriber of subscribers) subscriber.close()
    await gateway.stop()
    await sandbox.close()
  }
}

/** Opens the sockets in batches. All sockets have the same number of subscriptions. */
async function* openInBatches(gateway: Gateway, { sid, authorization, conferences }: Account, sockets: number) {
  const ids = conferences.map(conference => encodeNodeId('Conference', sid, conference))
  const perSocket = SUBSCRIPTIONS / sockets
  for (let i = 0; i < sockets; i += SOCKETS_PER_BATCH) {
    const batch = Array.from({ length: Math.min(SOCKETS_PER_BATCH, sockets - i) }, (_, j) => {
      const start = (i + j) * perSocket
      return Array.from({ length: perSocket }, (_, k) => ids[(start + k) % ids.length] ?? '')
    })
    yield await Promise.all(batch.map(socketIds => subscribe(gateway.url, authorization, socketIds)))
  }
}

const ACTIVITY_METRICS = ['subscribers', 'upstream_in_flight', 'upstream_waiting']

/** Returns the number of subscribers plus the number of sent or queued upstream requests. */
async function countActive({ url }: Gateway): Promise<number> {
  const page = await (await fetch(new URL('/metrics', url))).text()
  const values = ACTIVITY_METRICS.map(name => new RegExp(`^\\w*_${name} (\\d+)$`, 'm').exec(page)?.[1])
  if (values.includes(undefined))
    throw new Error(`Metrics missing from /metrics: expected ${ACTIVITY_METRICS.join(', ')}.`)
  return values.reduce((sum, value) => sum + Number(value), 0)
}
