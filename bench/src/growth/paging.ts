import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { addAccount, emptyRows } from '../data/rows.ts'
import { figure, table } from '../report/table.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { type Ask, askFor, PAGE } from './page.ts'
import { WALKS_HEAD, walk } from './walk.ts'

const CONFERENCES = 100_000
/** How often a page is asked for, so that its cost can be told from the noise. */
const TIMES = 500
/** In turn, so that the machine's other work meets all places alike. */
const ROUNDS = 10

/** What a page of a long list costs, wherever it lies; and whether reading all of them leaves anything behind. */
export const paging = async (folder: string): Promise<string> => {
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
    const ask = askFor(gateway, account.authorization)
    const { cursors, lines } = await walk(ask, account.conferences, gateway)
    return [
      `A list of ${CONFERENCES.toLocaleString('en-US')} conferences, in pages of ${PAGE}:`,
      table(
        ['page', 'µs of processor time', 'upstream requests', 'upstream rows'],
        await atPlaces(ask, cursors, sandbox, gateway),
      ),
      'All of its pages, one after the other, again and again:',
      table(WALKS_HEAD, lines),
    ].join('\n\n')
  } finally {
    await gateway.stop()
    await sandbox.close()
  }
}

const atPlaces = async (ask: Ask, cursors: readonly string[], sandbox: Sandbox, gateway: Gateway) => {
  const places = [
    { place: 'first', variables: { first: PAGE } },
    { place: 'middle', variables: { first: PAGE, after: cursors[cursors.length >> 1] } },
    { place: 'last but one', variables: { first: PAGE, after: cursors.at(-3) } },
    { place: 'last', variables: { first: PAGE, after: cursors.at(-2) } },
    { place: 'last, from the end', variables: { last: PAGE } },
  ].map(({ place, variables }) => ({ place, variables, cpu: 0, requests: 0, rows: 0 }))
  for (let round = 0; round < ROUNDS; round++) {
    for (const at of places) {
      sandbox.clearRequests()
      const before = gateway.cpuUs()
      for (let i = 0; i < TIMES / ROUNDS; i++) await ask(at.variables)
      at.cpu += gateway.cpuUs() - before
      at.requests += sandbox.requests.length
      for (const { rowsSent } of sandbox.requests) at.rows += rowsSent
    }
  }
  return places.map(({ place, cpu, requests, rows }) => [
    place,
    ...[cpu, requests, rows].map(sum => figure(sum / TIMES)),
  ])
}
