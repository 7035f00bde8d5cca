import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { addAccount, emptyRows } from '../data/testData.ts'
import { formatNumber, table } from '../report/table.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { createPageReader, PAGE, type ReadPage } from './pageReader.ts'
import { TRAVERSAL_HEAD, traverse } from './traverse.ts'

const CONFERENCES = 100_000
const REQUESTS_PER_PAGE = 500
/** The pages take turns, so that the load of unrelated processes affects all pages equally. */
const ROUNDS = 10

/** Measures the cost of pages at several positions in a long list, and the memory after full traversals. */
export async function measurePaging(folder: string): Promise<string> {
  const rows = emptyRows()
  const account = addAccount(rows, {
    name: 'long',
    conferences: CONFERENCES,
    isRunning: () => true,
    participants: () => 0,
  })
  const sandbox = await startSandbox({ rows: rows.snapshot() })
  const gateway = await startGateway(sandbox, folder, {})
  try {
    const readPage = createPageReader(gateway, account.authorization)
    const { cursors, lines } = await traverse(readPage, account.conferences, gateway)
    return [
      `A list of ${CONFERENCES.toLocaleString('en-US')} conferences, in pages of ${PAGE}:`,
      table(
        ['page', 'CPU time, µs', 'upstream requests', 'upstream rows'],
        await measurePositions(readPage, cursors, sandbox, gateway),
      ),
      'Repeated traversals of the whole list:',
      table(TRAVERSAL_HEAD, lines),
    ].join('\n\n')
  } finally {
    await gateway.stop()
    await sandbox.close()
  }
}

async function measurePositions(readPage: ReadPage, cursors: readonly string[], sandbox: Sandbox, gateway: Gateway) {
  const positions = [
    { position: 'first', variables: { first: PAGE } },
    { position: 'middle', variables: { first: PAGE, after: cursors[cursors.length >> 1] } },
    { position: 'last but one', variables: { first: PAGE, after: cursors.at(-3) } },
    { position: 'last', variables: { first: PAGE, after: cursors.at(-2) } },
    { position: 'last, from the end', variables: { last: PAGE } },
  ].map(({ position, variables }) => ({ position, variables, cpuUs: 0, requests: 0, rows: 0 }))
  for (let round = 0; round < ROUNDS; round++) {
    for (const at of positions) {
      sandbox.clearRequests()
      const before = gateway.cpuUs()
      for (let i = 0; i < REQUESTS_PER_PAGE / ROUNDS; i++) await readPage(at.variables)
      at.cpuUs += gateway.cpuUs() - before
      at.requests += sandbox.requests.length
      for (const { rowsSent } of sandbox.requests) at.rows += rowsSent
    }
  }
  return positions.map(({ position, cpuUs, requests, rows }) => [
    position,
    ...[cpuUs, requests, rows].map(sum => formatNumber(sum / REQUESTS_PER_PAGE)),
  ])
}
