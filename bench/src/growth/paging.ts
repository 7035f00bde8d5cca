import { startSandbox } from '../../../src/sandbox/index.ts'
import { addAccount, emptyRows } from '../data/rows.ts'
import { figure, table } from '../report/table.ts'
import { type Gateway, startGateway } from './gateway.ts'

const CONFERENCES = 100_000
const PAGE = 50
/** How often a page is asked for, so that its cost can be told from the noise. */
const TIMES = 200
const PARTS = 2
/** What is left behind by one reading shows in the next. */
const WALKS = 3

interface Page {
  readonly nodes: readonly { readonly sid: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

const QUERY = `query($first: Int, $last: Int, $after: String) {
  conferences(first: $first, last: $last, after: $after) { nodes { sid status } pageInfo { hasNextPage endCursor } }
}`

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
  const ask = async (variables: object): Promise<Page> => {
    const headers = { authorization: account.authorization, 'content-type': 'application/json' }
    const body = JSON.stringify({ query: QUERY, variables })
    const answer = await (await fetch(gateway.url, { method: 'POST', headers, body })).json()
    const { data } = answer as { data?: { conferences: Page } }
    if (data === undefined) throw new Error(`The gateway refuses a page: ${JSON.stringify(answer)}`)
    return data.conferences
  }
  try {
    const walks: Walk[] = []
    for (let i = 0; i < WALKS; i++) walks.push(await walked(ask, account.conferences, gateway))
    const cursors = walks[0]?.cursors ?? []
    const middle = cursors[cursors.length >> 1]
    const nearEnd = cursors.at(-2)
    const places = {
      first: { first: PAGE },
      middle: { first: PAGE, after: middle },
      'last but one': { first: PAGE, after: nearEnd },
      last: { last: PAGE },
    }
    const lines: string[][] = []
    for (const [place, variables] of Object.entries(places)) {
      await ask(variables)
      sandbox.clearRequests()
      const before = gateway.cpuUs()
      for (let i = 0; i < TIMES; i++) await ask(variables)
      const requests = sandbox.requests.length / TIMES
      const sent = sandbox.requests.reduce((sum, { rowsSent }) => sum + rowsSent, 0) / TIMES
      lines.push([place, figure((gateway.cpuUs() - before) / TIMES), figure(requests), figure(sent)])
    }
    return [
      `A list of ${CONFERENCES.toLocaleString('en-US')} conferences, in pages of ${PAGE}:`,
      table(['page', 'µs of processor time', 'upstream requests', 'upstream rows'], lines),
      `All of its pages, one after the other, ${WALKS} times:`,
      table(
        ['pages', 'µs of processor time for each', 'MB resident afterwards'],
        walks.flatMap(({ lines }) => lines),
      ),
    ].join('\n\n')
  } finally {
    await gateway.stop()
    await sandbox.close()
  }
}

interface Walk {
  readonly cursors: readonly string[]
  readonly lines: string[][]
}

/** Reads the whole list, and throws where a conference is missing or comes twice. */
const walked = async (
  ask: (variables: object) => Promise<Page>,
  sids: readonly string[],
  gateway: Gateway,
): Promise<Walk> => {
  const cursors: string[] = []
  const lines: string[][] = []
  const pages = Math.ceil(sids.length / PAGE)
  let after: string | null = null
  let before = gateway.cpuUs()
  let place = 0
  for (let page = 1; page <= pages; page++) {
    const { nodes, pageInfo }: Page = await ask({ first: PAGE, after })
    for (const { sid } of nodes) {
      if (sid !== sids[place++]) throw new Error(`Row ${place - 1} is ${sid}, and not ${sids[place - 1]}.`)
    }
    after = pageInfo.endCursor
    cursors.push(after ?? '')
    if (page % (pages / PARTS) === 0) {
      const now = gateway.cpuUs()
      const each = ((now - before) * PARTS) / pages
      lines.push([`up to ${page.toLocaleString('en-US')}`, figure(each), figure(gateway.residentBytes() / 1e6)])
      before = now
    }
  }
  if (place !== sids.length) throw new Error(`${place} conferences came, of ${sids.length}.`)
  return { cursors, lines }
}
