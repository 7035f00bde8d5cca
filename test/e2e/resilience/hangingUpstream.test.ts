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

/** Stops the clock of deadlines and circuit breakers until the end of the test. Returns a function that advances the clock. */
const stopClock = () => {
  let now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => void vi.restoreAllMocks())
  return (ms: number) => {
    now += ms
  }
}
/** Sends requests of clients that disconnect when the returned function is called. */
const sendAndLeave = (clients: number) => {
  const controller = new AbortController()
  const sent = Array.from({ length: clients }, (_, i) =>
    fetch(gateway.url, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json', authorization: basic('conf1') },
      body: JSON.stringify({ query: conferenceQuery(i) }),
    }).catch(() => null),
  )
  return async () => {
    controller.abort()
    await Promise.all(sent)
    const abandoned = `restcomm_graphql_upstream_requests_total{resource="conference",outcome="abandoned"} ${clients}`
    await waitUntil(async () => (await gateway.metrics()).includes(abandoned), 'the requests end')
  }
}

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
      if (codeOf(answer) !== undefined && !isRejected(answer) && arrived() > before) answers.push('trial failed')
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

  it('answers the requests that hang in all connections when the circuit breaker closes, because they are sent again', async () => {
    // The hanging requests would fail much later.
    await start({ REQUEST_TIMEOUT_MS: '600000', RESTCOMM_TIMEOUT_MS: '300000' })
    await send()
    const advanceClock = stopClock()
    const { arrived } = holdEachResponse(gateway, ({ path }) => path.includes('/Conferences'))
    const leave = sendAndLeave(3)
    await waitUntil(() => arrived() === 3, 'the requests of the leaving clients are sent')
    const hanging = Array.from({ length: 61 }, (_, i) => send(conferenceQuery(10 + i)))
    await waitUntil(() => arrived() === 64, 'the requests hold all connections')
    advanceClock(3_000)
    await leave()
    gateway.sandbox.intercept(null)
    // Only a trial request is possible.
    await waitUntil(async () => {
      advanceClock(500)
      return codeOf(await send()) === undefined
    }, 'a trial request succeeds')
    expect((await Promise.all(hanging)).map(codeOf)).toEqual(hanging.map(() => undefined))
  })

  it('opens the circuit breaker if the clients give up after 3 s, and the requests are counted as abandoned', async () => {
    await start()
    await send()
    const advanceClock = stopClock()
    const { arrived } = holdEachResponse(gateway, ({ path }) => path.includes('/Conferences'))
    const leave = sendAndLeave(3)
    await waitUntil(() => arrived() === 3, 'the requests are sent')
    advanceClock(3_000)
    await leave()
    const trial = send(conferenceQuery(4))
    await waitUntil(() => arrived() === 4, 'a trial request is sent')
    expect(isRejected(await send(conferenceQuery(5)))).toBe(true)
    gateway.sandbox.intercept(null)
    advanceClock(500)
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
      await waitUntil(() => gateway.logged.some(line => line.includes('circuit breaker opened')), 'the breaker opens')
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
