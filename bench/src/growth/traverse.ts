import { formatNumber } from '../report/table.ts'
import type { Gateway } from './gateway.ts'
import { PAGE, type ReadPage } from './pageReader.ts'

/** Number of traversals at the start, without forced garbage collection. */
const UNCOLLECTED_TRAVERSALS = 6
/** Number of later traversals, each followed by a full garbage collection. */
const COLLECTED_TRAVERSALS = 4
/** Allowed relative growth of reachable memory from the first to the last collected traversal. */
const MAX_GROWTH = 0.03
/** V8 reserves 128 MiB for young objects, and three times the size of the old objects. */
const MAX_RESIDENT_BYTES = 640e6

export const TRAVERSAL_HEAD = ['traversal', 'CPU time per page, µs', 'MB resident afterwards', 'MB reachable']

export interface TraversalReport {
  readonly cursors: readonly string[]
  readonly lines: string[][]
}

/** Reads the whole list repeatedly. Throws if the gateway's memory exceeds a limit or grows. */
export async function traverse(
  readPage: ReadPage,
  sids: readonly string[],
  gateway: Gateway,
): Promise<TraversalReport> {
  const lines: string[][] = []
  const reachable: number[] = []
  let cursors: string[] = []
  for (let i = 1; i <= UNCOLLECTED_TRAVERSALS + COLLECTED_TRAVERSALS; i++) {
    const before = gateway.cpuUs()
    cursors = await readAll(readPage, sids)
    const cpuUsPerPage = (gateway.cpuUs() - before) / cursors.length
    const resident = gateway.residentBytes()
    if (resident > MAX_RESIDENT_BYTES) {
      const megabytes = [resident, MAX_RESIDENT_BYTES].map(bytes => formatNumber(bytes / 1e6))
      throw new Error(`${megabytes[0]} MB resident after traversal ${i}, limit ${megabytes[1]} MB.`)
    }
    if (i > UNCOLLECTED_TRAVERSALS) reachable.push(await gateway.reachableBytes())
    const reachableCell = i > UNCOLLECTED_TRAVERSALS ? formatNumber((reachable.at(-1) ?? 0) / 1e6) : ''
    lines.push([String(i), formatNumber(cpuUsPerPage), formatNumber(resident / 1e6), reachableCell])
  }
  const [first = 0] = reachable
  const growth = (reachable.at(-1) ?? 0) / first - 1
  if (growth > MAX_GROWTH) {
    throw new Error(`Reachable memory grew by ${formatNumber(100 * growth)} %: ${reachable.join(', ')} bytes.`)
  }
  return { cursors, lines }
}

/** Returns the end cursors of the pages. Throws if a conference is missing or repeated. */
async function readAll(readPage: ReadPage, sids: readonly string[]): Promise<string[]> {
  const cursors: string[] = []
  let after: string | null = null
  let position = 0
  for (let hasNextPage = true; hasNextPage; ) {
    const { nodes, pageInfo } = await readPage({ first: PAGE, after })
    for (const { sid } of nodes) {
      if (sid !== sids[position++])
        throw new Error(`Row ${position - 1}: received ${sid}, expected ${sids[position - 1]}.`)
    }
    after = pageInfo.endCursor
    cursors.push(after ?? '')
    hasNextPage = pageInfo.hasNextPage
  }
  if (position !== sids.length) throw new Error(`Received ${position} conferences, expected ${sids.length}.`)
  return cursors
}
