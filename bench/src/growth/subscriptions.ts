import { setTimeout as delay } from 'node:timers/promises'
import { toNodeId } from '../../../src/relay/nodeId.ts'
import { startSandbox } from '../../../src/sandbox/index.ts'
import { type Account, addAccount, emptyRows } from '../data/rows.ts'
import { until } from '../process/until.ts'
import { figure } from '../report/table.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { type Subscriber, subscribe } from './subscribe.ts'

export const SUBSCRIPTIONS = 10_000
/** So many connections begin at a time. */
const AT_ONCE = 20
const LIMIT_BYTES = 1_073_741_824
/** How much may be left of what subscriptions hold, once they are gone: code that was compiled for them. */
const LEFT_BEHIND = 0.05

export interface Shape {
  readonly title: string
  readonly conferences: number
  readonly sockets: number
  readonly pollMs: number
  /** How long nothing happens: long enough for several looks at each, whose states V8 leaves lying about at first. */
  readonly idleMs: number
}

export const HEAD = [
  '10,000 idle subscriptions',
  'MB resident before',
  'MB resident with them',
  'KB live for each',
  'MB live before',
  'MB live once they are gone',
  'of a core',
]

/**
 * What 10,000 subscriptions hold in which nothing happens. Throws where it is more than they may, where one of them has
 * ended or is not told of what happens in the end, and where they leave something behind.
 */
export const subscriptions = async (folder: string, shape: Shape): Promise<string[]> => {
  const { title, conferences, sockets: count, pollMs, idleMs } = shape
  const rows = emptyRows()
  const account = addAccount(rows, { name: 'watched', conferences, isRunning: () => true, participants: () => 3 })
  const sandbox = await startSandbox({ rows: rows.snapshot() })
  const gateway = await startGateway(sandbox, folder, {
    LIVE_MAX_WATCHES: String(SUBSCRIPTIONS),
    LIVE_MAX_WATCHES_PER_CREDENTIAL: String(SUBSCRIPTIONS),
    LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION: String(SUBSCRIPTIONS / count),
    LIVE_POLL_INTERVAL_MS: String(pollMs),
  })
  const subscribers: Subscriber[] = []
  const events = () => subscribers.reduce((sum, subscriber) => sum + subscriber.events(), 0)
  try {
    const before = gateway.residentBytes()
    const liveBefore = await gateway.liveBytes()
    for await (const some of opened(gateway, account, count)) subscribers.push(...some)
    const cpu = gateway.cpuUs()
    await delay(idleMs)
    const share = (gateway.cpuUs() - cpu) / (idleMs * 1_000)
    const held = gateway.residentBytes()
    if (events() !== SUBSCRIPTIONS) throw new Error(`${title}: ${events()} events came where nothing happened.`)
    if (held > LIMIT_BYTES) throw new Error(`${title}: ${figure(held / 1e6)} MB are more than 1 GiB.`)
    const live = await gateway.liveBytes()

    const [sid = ''] = account.conferences
    sandbox.rows.addCall({ account_sid: account.sid, conference_sid: sid })
    // A look comes after four intervals at the latest, and what differs from that is a tenth.
    const told = SUBSCRIPTIONS + SUBSCRIPTIONS / conferences
    await until('What happened', async () => events() >= told, { withinMs: pollMs * 5 })

    for (const subscriber of subscribers) subscriber.close()
    // The looks that are under way come to their end after their subscribers, and hold memory until then.
    await until('The end of the subscriptions', async () => (await underWay(gateway)) === 0)
    const after = await gateway.liveBytes()
    const left = (after - liveBefore) / (live - liveBefore)
    if (left > LEFT_BEHIND) throw new Error(`${title}: ${figure(after / 1e6)} MB live once they are gone.`)
    const megabytes = [before, held].map(bytes => figure(bytes / 1e6))
    const each = figure((live - liveBefore) / SUBSCRIPTIONS / 1_000)
    return [title, ...megabytes, each, figure(liveBefore / 1e6), figure(after / 1e6), `${Math.round(100 * share)} %`]
  } finally {
    for (const subscriber of subscribers) subscriber.close()
    await gateway.stop()
    await sandbox.close()
  }
}

/** All of the subscriptions, on so many WebSockets, a few of them at a time. */
async function* opened(gateway: Gateway, { sid, authorization, conferences }: Account, sockets: number) {
  const ids = conferences.map(conference => toNodeId('Conference', sid, conference))
  const each = SUBSCRIPTIONS / sockets
  for (let i = 0; i < sockets; i += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, sockets - i) }, (_, j) => {
      const from = (i + j) * each
      return Array.from({ length: each }, (_, k) => ids[(from + k) % ids.length] ?? '')
    })
    yield await Promise.all(some.map(own => subscribe(gateway.url, authorization, own)))
  }
}

const FIGURES = ['subscribers', 'upstream_in_flight', 'upstream_waiting']

/** How many subscribers there are, and requests for them that are sent or wait to be. */
const underWay = async ({ url }: Gateway): Promise<number> => {
  const page = await (await fetch(new URL('/metrics', url))).text()
  const values = FIGURES.map(name => new RegExp(`^\\w*_${name} (\\d+)$`, 'm').exec(page)?.[1])
  if (values.includes(undefined)) throw new Error(`The metrics do not tell ${FIGURES.join(', ')}.`)
  return values.reduce((sum, value) => sum + Number(value), 0)
}
