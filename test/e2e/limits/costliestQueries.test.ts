import { readFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { parseRows, startSandbox } from '../../../src/sandbox/index.ts'
import { fixture } from '../../support/fixtures.ts'
import { basicOf } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'

const aliases = (count: number, field: string, prefix = 'a') =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}: ${field}`).join(' ')
const onTwoLevels = (outer: number, inner: number, fields: string) =>
  `{ conferences(first: ${outer}) { nodes { account { conferences(first: ${inner}) { nodes { ${fields} } } } } } }`
const FIELDS = 'isRunning status apiVersion accountSid dateCreated dateUpdated friendlyName statusText __typename'

/** Queries slightly below the default `MAX_QUERY_COST`. Each causes mostly work of one kind. */
const QUERIES = [
  ['fields', onTwoLevels(34, 500, FIELDS)],
  ['aliases of a field', onTwoLevels(7, 500, aliases(60, 'dateCreated'))],
  ['long values', onTwoLevels(2, 480, aliases(60, 'uri'))],
  ['response keys of 250 characters', onTwoLevels(2, 400, aliases(60, 'isRunning', 'a'.repeat(250)))],
  ['parts', onTwoLevels(25, 500, '... @defer { isRunning }')],
  ['a deferred query', `{ ... @defer ${onTwoLevels(20, 480, FIELDS)} }`],
  [
    'requests',
    '{ conferences(first: 500) { nodes { participants(first: 0) { totalCount } calls(first: 1) { totalCount nodes { status } } } } }',
  ],
  [
    'rows of sorted lists',
    `{ ${aliases(5, 'conferences(first: 50, orderBy: { field: FRIENDLY_NAME, direction: ASC }) { nodes { status } }')} }`,
  ],
] as const

function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const ticks = Number(fields[11]) + Number(fields[12])
  const TICK_MS = 10
  return ticks * TICK_MS
}

function peakMemoryMb(pid: number): number {
  const [, peakKb = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(peakKb) / 1_024
}

/** CPU time of a fixed amount of work, for comparison. About 50 ms on one core of 2025. */
function calibrationMs(): number {
  const rows = Array.from({ length: 1_000 }, (_, i) => ({ sid: `CF${i}`, name: 'a room', isRunning: i % 2 === 0 }))
  const { user } = process.cpuUsage()
  for (let i = 0; i < 150; i++) JSON.parse(JSON.stringify(rows))
  return (process.cpuUsage().user - user) / 1_000
}

it.skipIf(process.platform !== 'linux')(
  'the costliest accepted queries take a limited multiple of a fixed amount of work, and fit into a small heap',
  async () => {
    const sandbox = await startSandbox({ rows: parseRows(fixture('rows.json')) })
    onTestFinished(() => sandbox.close())
    const { sid } = sandbox.rows.addAccount({ auth_token: 'token', email_address: 'large@example.com' })
    for (let i = 0; i < 500; i++) {
      sandbox.rows.addConference({ account_sid: sid, status: 'RUNNING_MODERATOR_PRESENT', friendly_name: `Room ${i}` })
    }
    const gateway = runMain([], {
      RESTCOMM_URL: sandbox.url,
      PORT: '0',
      LOG_LEVEL: 'error',
      REQUEST_TIMEOUT_MS: '60000',
      NODE_OPTIONS: '--max-old-space-size=512',
    })
    const [, url = ''] = await gateway.waitForOutput(/GraphQL\s+(http\S+)/)
    const headers = {
      'content-type': 'application/json',
      accept: 'multipart/mixed, application/json',
      authorization: basicOf(sid, 'token'),
    }
    const post = async (query: string) => {
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })).text()
    }
    await post(onTwoLevels(5, 500, FIELDS))
    const loopMs = Math.min(calibrationMs(), calibrationMs(), calibrationMs())
    const startMb = peakMemoryMb(gateway.pid)
    for (const [title, query] of QUERIES) {
      const before = cpuMsOf(gateway.pid)
      const text = await post(query)
      expect(text, title).not.toContain('"errors"')
      expect(text.length, title).toBeLessThan(16_777_216)
      // About a second.
      expect((cpuMsOf(gateway.pid) - before) / loopMs, title).toBeLessThan(20)
    }
    expect(peakMemoryMb(gateway.pid) - startMb).toBeLessThan(256)
  },
  120_000,
)
