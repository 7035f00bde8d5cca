import { figure } from '../report/table.ts'
import type { Gateway } from './gateway.ts'
import { type Ask, PAGE } from './page.ts'

/** Walks in which the gateway is left to itself: what it comes to hold of the machine. */
const UNDISTURBED = 6
/** Walks after each of which everything is collected that can be: what the walks leave behind. */
const COLLECTED = 4
/** How much of the live heap may come to it from the first of these to the last. */
const TOLERATED = 0.03
/**
 * Most of it is room that V8 leaves itself so as to collect less often: 128 MiB for what is new, and for what is older
 * about three times what is live.
 */
const LIMIT_BYTES = 640e6

export const WALKS_HEAD = ['walk', 'µs of processor time for each page', 'MB resident afterwards', 'MB live']

export interface Walks {
  readonly cursors: readonly string[]
  readonly lines: string[][]
}

/** Reads the whole list again and again. Throws where the gateway's memory grows with that. */
export const walk = async (ask: Ask, sids: readonly string[], gateway: Gateway): Promise<Walks> => {
  const lines: string[][] = []
  const live: number[] = []
  let cursors: string[] = []
  for (let i = 1; i <= UNDISTURBED + COLLECTED; i++) {
    const before = gateway.cpuUs()
    cursors = await readAll(ask, sids)
    const each = (gateway.cpuUs() - before) / cursors.length
    const resident = gateway.residentBytes()
    if (resident > LIMIT_BYTES) throw new Error(`${figure(resident / 1e6)} MB are resident after walk ${i}.`)
    if (i > UNDISTURBED) live.push(await gateway.liveBytes())
    const left = i > UNDISTURBED ? figure((live.at(-1) ?? 0) / 1e6) : ''
    lines.push([String(i), figure(each), figure(resident / 1e6), left])
  }
  const [first = 0] = live
  const growth = (live.at(-1) ?? 0) / first - 1
  if (growth > TOLERATED) throw new Error(`The live heap grew by ${figure(100 * growth)} %: ${live.join(', ')} bytes.`)
  return { cursors, lines }
}

/** The end cursors of the pages. Throws where a conference is missing or comes twice. */
const readAll = async (ask: Ask, sids: readonly string[]): Promise<string[]> => {
  const cursors: string[] = []
  let after: string | null = null
  let place = 0
  for (let hasNextPage = true; hasNextPage; ) {
    const { nodes, pageInfo } = await ask({ first: PAGE, after })
    for (const { sid } of nodes) {
      if (sid !== sids[place++]) throw new Error(`Row ${place - 1} is ${sid}, and not ${sids[place - 1]}.`)
    }
    after = pageInfo.endCursor
    cursors.push(after ?? '')
    hasNextPage = pageInfo.hasNextPage
  }
  if (place !== sids.length) throw new Error(`${place} conferences came, of ${sids.length}.`)
  return cursors
}
