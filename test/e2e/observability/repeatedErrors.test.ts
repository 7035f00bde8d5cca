import { createHash } from 'node:crypto'
import { createClient as sseClient } from 'graphql-sse'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'

afterEach(() => {
  vi.useRealTimers()
})

interface Line {
  readonly msg: string
  readonly level: number
  readonly account?: string
  readonly clientId?: string
  readonly code?: string
  readonly count?: number
  readonly scope?: string
  readonly cause?: string
  readonly seconds?: number
  readonly conference?: string
}
const linesOf = ({ logged }: TestGateway): Line[] => logged.map(text => JSON.parse(text))
const sidOf = (label: string) => accountOf(label).sid
const VIEWER = '{ viewer { sid } }'

/** Sends queries, 20 at a time. */
async function sendQueries(gateway: TestGateway, count: number, ...accounts: readonly string[]): Promise<void> {
  for (let sent = 0; sent < count; sent += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => gateway.query(VIEWER, { as: accounts[i % accounts.length] ?? null })),
    )
  }
}

it('an outage of Restcomm leaves a handful of lines, and each line names an account', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const gateway = await startGateway({ env: { LOG_LEVEL: 'info' } })
  gateway.sandbox.intercept(() => 'reset')
  await sendQueries(gateway, 400, 'conf1', 'conf50')
  vi.advanceTimersByTime(10_000)
  await gateway.close()
  const lines = linesOf(gateway).filter(({ level }) => level >= 40)
  const errors = lines.filter(({ msg }) => msg === 'upstream error')
  expect(lines.length).toBeLessThan(10)
  expect(errors.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(400)
  expect(new Set(errors.map(({ account }) => account))).toEqual(new Set([sidOf('conf1'), sidOf('conf50')]))
  expect(lines.filter(({ account, msg }) => account === undefined && msg !== 'Restcomm unreachable')).toEqual([])
})

it('the log has one line for the opening of the circuit breaker, and one with the duration for the closing', async () => {
  const gateway = await startGateway({ env: { LOG_LEVEL: 'info' } })
  onTestFinished(() => gateway.close())
  const changes = () => linesOf(gateway).filter(({ msg }) => msg.startsWith('circuit breaker'))
  gateway.sandbox.intercept(() => 'reset')
  const queryUntil = (length: number) =>
    expect.poll(async () => [await gateway.query(VIEWER), changes().length][1], { timeout: 10_000 }).toBe(length)
  await queryUntil(1)
  gateway.sandbox.intercept(null)
  await queryUntil(2)
  const account = sidOf('conf137')
  expect(changes()).toMatchObject([
    { msg: 'circuit breaker opened', level: 40, scope: 'server', account, cause: 'unavailable' },
    { msg: 'circuit breaker closed', level: 30, scope: 'server', seconds: expect.any(Number) },
  ])
})

it('a pause by Retry-After is logged with the account and the duration', async () => {
  const gateway = await startGateway({ env: { LOG_LEVEL: 'info' } })
  onTestFinished(() => gateway.close())
  gateway.sandbox.intercept(() => ({ status: 429, headers: { 'retry-after': '30' } }))
  await sendQueries(gateway, 40, 'conf1')
  expect(linesOf(gateway).filter(({ msg }) => msg === 'Restcomm asked to wait')).toMatchObject([
    { level: 40, account: sidOf('conf1'), seconds: 30 },
  ])
})

it('repeated refusals by the rate limit are summed up, with the name of the API key', async () => {
  const { sid, password } = accountOf('admin')
  const gateway = await startGateway({
    env: {
      LOG_LEVEL: 'info',
      RATE_LIMIT_COST: '100',
      RESTCOMM_ACCOUNT_SID: sid,
      RESTCOMM_AUTH_TOKEN: password,
      API_KEY_HASHES: `board:${createHash('sha256').update('board').digest('hex')}=${sidOf('conf1')}`,
    },
  })
  const query = () => gateway.query(VIEWER, { as: null, headers: { authorization: 'Bearer board' } })
  const codes: unknown[] = []
  for (let i = 0; i < 100; i++) codes.push((await query()).errors?.[0]?.extensions?.code)
  const refused = codes.filter(code => code === 'RATE_LIMITED').length
  await gateway.close()
  const lines = linesOf(gateway).filter(({ msg }) => msg === 'request refused')
  expect(lines.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(refused)
  expect(lines.length).toBeLessThan(refused)
  for (const line of lines) {
    expect(line).toMatchObject({ level: 30, code: 'RATE_LIMITED', client: 'board', account: sidOf('conf1') })
  }
})

it('failing polls of a subscription leave a line, and so does their recovery', async () => {
  const gateway = await startGateway({
    env: { LOG_LEVEL: 'info', LIVE_POLL_INTERVAL_MS: '30' },
    config: { live: { graceMs: 0 } },
  })
  onTestFinished(() => gateway.close())
  const client = sseClient({ url: gateway.url, headers: { authorization: basic('conf1') }, retryAttempts: 0 })
  const events = client.iterate({ query: 'subscription { accountEvents { __typename } }' })
  await events.next()
  const lines = () => linesOf(gateway).filter(({ msg }) => msg.startsWith('watch '))
  gateway.sandbox.intercept(() => 'reset')
  await expect.poll(() => lines().length, { timeout: 10_000 }).toBe(1)
  gateway.sandbox.intercept(null)
  await expect.poll(() => lines().length, { timeout: 20_000 }).toBe(2)
  expect(lines()).toMatchObject([
    { msg: 'watch failing', level: 40, account: sidOf('conf1'), cause: expect.any(String) },
    { msg: 'watch recovered', level: 30, account: sidOf('conf1'), seconds: expect.any(Number) },
  ])
  await events.return?.()
  client.dispose()
})
