import { setTimeout as delay } from 'node:timers/promises'
import { toNodeId } from '../../../src/relay/nodeId.ts'
import { startSandbox } from '../../../src/sandbox/index.ts'
import { addAccount, emptyRows } from '../data/rows.ts'
import { figure } from '../report/table.ts'
import { startGateway, subscribe } from './gateway.ts'

const SUBSCRIPTIONS = 10_000
/** So many connections begin at a time. */
const AT_ONCE = 20
const IDLE_MS = 10_000
const LIMIT_BYTES = 1_073_741_824

export interface Shape {
  readonly title: string
  readonly conferences: number
  readonly sockets: number
  readonly pollMs: number
}

/** What 10,000 subscriptions hold in which nothing happens. Throws where it is more than they may. */
export const subscriptions = async (folder: string, shape: Shape): Promise<string[]> => {
  const { title, conferences, sockets: count, pollMs } = shape
  const rows = emptyRows()
  const account = addAccount(rows, { name: 'watched', conferences, isRunning: () => true, participants: () => 3 })
  const sandbox = await startSandbox({ rows: rows.snapshot() })
  const perSocket = SUBSCRIPTIONS / count
  const gateway = await startGateway(sandbox, folder, {
    LIVE_MAX_WATCHES: String(SUBSCRIPTIONS),
    LIVE_MAX_WATCHES_PER_CREDENTIAL: String(SUBSCRIPTIONS),
    LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION: String(perSocket),
    LIVE_POLL_INTERVAL_MS: String(pollMs),
  })
  const ids = account.conferences.map(sid => toNodeId('Conference', account.sid, sid))
  const idAt = (i: number) => ids[i % ids.length] ?? ''
  const sockets: WebSocket[] = []
  try {
    const before = gateway.residentBytes()
    for (let i = 0; i < count; i += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, j) => (i + j) * perSocket)
      const begin = (from: number) => Array.from({ length: perSocket }, (_, j) => idAt(from + j))
      const open = some.map(from => subscribe(gateway.url, account.authorization, begin(from)))
      sockets.push(...(await Promise.all(open)))
    }
    const cpu = gateway.cpuUs()
    await delay(IDLE_MS)
    const share = (gateway.cpuUs() - cpu) / (IDLE_MS * 1_000)
    const held = gateway.residentBytes()
    if (held > LIMIT_BYTES) throw new Error(`${title}: ${figure(held / 1e6)} MB are more than 1 GiB.`)
    return [title, figure(before / 1e6), figure(held / 1e6), `${Math.round(100 * share)} %`]
  } finally {
    for (const socket of sockets) socket.close()
    await gateway.stop()
    await sandbox.close()
  }
}
