import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { basic, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { holdEachResponse } from '../../support/heldRequests.ts'
import { waitUntil } from '../../support/waitUntil.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

const start = async (env: Record<string, string> = {}) => {
  gateway = await startGateway({ env })
}
const sid = conferenceOf('conf1/000')
const CONFERENCE = `{ conference(sid: "${sid}") { sid } }`
const conferenceQuery = (i: number) => `{ conference(sid: "CF${String(i).padStart(32, '0')}") { sid } }`
const send = (query = CONFERENCE) => gateway.query(query, { as: 'conf1' })
const codeOf = ({ errors }: Awaited<ReturnType<typeof send>>) => errors?.[0]?.extensions?.code
/** Whether the gateway has rejected a request without sending it to Restcomm. */
const isRejected = ({ errors }: Awaited<ReturnType<typeof send>>) =>
  errors !== undefined && 'retryAfter' in (errors[0]?.extensions ?? {})
const readiness = async () => (await (await fetch(new URL('/ready', gateway.url))).json()) as { reason?: string }

describe('a Restcomm that accepts requests and does not answer', () => {
  it('is noticed by the readiness check, and one client is answered before a hanging trial request ends after the recovery', {
    timeout: 60_000,
  }, async () => {
    await start()
    await send()
    let isHanging = true
    const { arrived, releaseAll } = holdEachResponse(gateway, () => isHanging)
    onTestFinished(releaseAll)
    const outage = [1, 2, 3, 4].map(i => send(conferenceQuery(i)))
    expect((await Promise.all(outage)).map(codeOf)).toContain('UPSTREAM_TIMEOUT')
    await waitUntil(async () => (await readiness()).reason === 'breaker_open', 'the breaker opens')
    const sentBefore = arrived()
    const answers: string[] = []
    const trial = async () => {
      const before = arrived()
      const answer = await send(conferenceQuery(5))
      if (!isRejected(answer) && arrived() > before) answers.push('trial failed')
    }
    // The first trial request reaches Restcomm and hangs, together with requests of the health probe.
    await waitUntil(async () => {
      void trial()
      await new Promise(setImmediate)
      return arrived() > sentBefore
    }, 'a trial request is sent')
    isHanging = false
    await waitUntil(async () => codeOf(await send()) === undefined, 'requests succeed')
    answers.push('succeeded')
    expect(answers).toEqual(['succeeded'])
    for (let i = 0; i < 5; i++) expect(codeOf(await send(conferenceQuery(6 + i)))).toBeUndefined()
    expect(await readiness()).toEqual({ status: 'ready' })
  })

  it('opens the circuit breaker if the clients give up after 3 s, and the requests are counted as abandoned', async () => {
    await start()
    await send()
    let now = performance.now()
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    onTestFinished(() => void vi.restoreAllMocks())
    const { arrived } = holdEachResponse(gateway, ({ path }) => path.includes('/Conferences'))
    const controller = new AbortController()
    const clients = [1, 2, 3].map(i =>
      fetch(gateway.url, {
        method: 'POST',
        signal: controller.signal,
        headers: { 'content-type': 'application/json', authorization: basic('conf1') },
        body: JSON.stringify({ query: conferenceQuery(i) }),
      }).catch(() => null),
    )
    await waitUntil(() => arrived() === 3, 'the requests are sent')
    now += 3_000
    controller.abort()
    await Promise.all(clients)
    const abandoned = 'restcomm_graphql_upstream_requests_total{resource="conference",outcome="abandoned"} 3'
    await waitUntil(async () => (await gateway.metrics()).includes(abandoned), 'the requests end')
    const trial = send(conferenceQuery(4))
    await waitUntil(() => arrived() === 4, 'a trial request is sent')
    expect(isRejected(await send(conferenceQuery(5)))).toBe(true)
    gateway.sandbox.intercept(null)
    now += 500
    expect(codeOf(await send(conferenceQuery(6)))).toBeUndefined()
    await trial
  })

  it.each([1, 5])(
    'opens the circuit breaker after a few requests although %i client(s) share one read and wait for the answer',
    async clients => {
      await start({ RESTCOMM_TIMEOUT_MS: '500' })
      await send()
      const { arrived } = holdEachResponse(gateway, ({ path }) => path.includes('/Conferences'))
      while (arrived() < 3) {
        const answers = await Promise.all(Array.from({ length: clients }, () => send()))
        expect(answers.map(codeOf)).toEqual(answers.map(() => 'UPSTREAM_TIMEOUT'))
      }
      const opened = arrived()
      const answers = await Promise.all([1, 2, 3, 4].map(i => send(conferenceQuery(i))))
      expect(answers.filter(isRejected)).toHaveLength(3)
      expect(arrived() - opened).toBe(1)
    },
  )

  it('delays a read by a single timeout if the retry is answered, with the default time limits', async () => {
    await start()
    let held = 0
    holdEachResponse(gateway, () => held++ === 0)
    expect(await send()).toEqual({ data: { conference: { sid } } })
    expect(gateway.takeUpstreamRequests()).toHaveLength(2)
  })
})
