import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RestcommError } from '../../../../src/restcomm/errors.ts'
import { type RequestScope, UpstreamBreakers } from '../../../../src/restcomm/http/upstreamBreakers.ts'
import type { BreakerChange } from '../../../../src/restcomm/http/upstreamObserver.ts'

const ACCOUNT = `AC${'5'.repeat(32)}`
const scopeOf = (client: string, overrides: Partial<RequestScope> = {}): RequestScope => ({
  method: 'GET',
  path: `Accounts/${ACCOUNT}/Calls`,
  authorization: client,
  credentialHash: client,
  clientId: client,
  isKnownAccount: true,
  isAccepted: true,
  ...overrides,
})
const A = scopeOf('a')
const B = scopeOf('b')
const TIMED_OUT = new RestcommError('timedOut', 'Restcomm did not answer within 4000 ms.')
const UNREACHABLE = new RestcommError('unavailable', 'Restcomm cannot be reached.')
const LEFT = new RestcommError('cancelled', 'The client disconnected.')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** `probe.error` is the result of the health probe. */
const createBreakers = () => {
  const changes: BreakerChange[] = []
  const probe: { error: Error | null; count: number } = { error: null, count: 0 }
  const breakers = new UpstreamBreakers(
    async () => {
      probe.count++
      return probe.error
    },
    change => changes.push(change),
  )
  /** Three failures of requests which end after `durationMs`. */
  const fail = async (scopes: readonly RequestScope[], error: unknown = TIMED_OUT, durationMs = 4_000) => {
    const startedAt = performance.now()
    await vi.advanceTimersByTimeAsync(durationMs)
    for (const scope of scopes) {
      if (typeof error === 'number') breakers.recordResponse(scope, startedAt, error, null)
      else breakers.recordError(scope, startedAt, error)
    }
    await vi.advanceTimersByTimeAsync(0)
  }
  const isRejected = (scope: RequestScope) => {
    try {
      return breakers.admit(scope) ? 'trial' : 'sent'
    } catch {
      return 'rejected'
    }
  }
  return { breakers, changes, probe, fail, isRejected }
}

describe('circuit breaker of an account', () => {
  it.each([
    ['timeouts', TIMED_OUT],
    ['timeouts within the body of a response', new RestcommError('timedOut', 'Too late.', { status: 200 })],
    ['requests which the client abandons', LEFT],
    ['status 500', 500],
  ])('%s of a client open the breaker for the client only', async (_title, error) => {
    const { breakers, changes, fail, isRejected } = createBreakers()
    await fail([A, A, A], error)
    expect([breakers.state, isRejected(B)]).toEqual(['closed', 'sent'])
    expect(isRejected(A)).toBe('trial')
    expect(isRejected(A)).toBe('rejected')
    expect(changes).toMatchObject([{ state: 'open', scope: 'account', account: ACCOUNT, openMs: null }])
  })

  it('an open breaker stops no parallel requests of a client that returns after three seconds without failures', async () => {
    const { breakers, changes, fail, isRejected } = createBreakers()
    await fail([A, A, A])
    await vi.advanceTimersByTimeAsync(2_999)
    expect([isRejected(A), isRejected(A)]).toEqual(['trial', 'rejected'])
    await vi.advanceTimersByTimeAsync(1)
    expect([isRejected(A), isRejected(A), isRejected(A)]).toEqual(['sent', 'sent', 'sent'])
    breakers.recordError(A, performance.now() - 4_000, TIMED_OUT)
    await vi.advanceTimersByTimeAsync(500)
    expect([isRejected(A), isRejected(A)]).toEqual(['trial', 'rejected'])
    breakers.recordResponse(A, performance.now(), 200, null)
    expect(isRejected(A)).toBe('sent')
    expect(changes.map(({ state }) => state)).toEqual(['open', 'closed'])
  })

  it.each([
    ['commands that time out', TIMED_OUT, scopeOf('a', { method: 'POST' })],
    ['500s for accounts that may not exist', 500, scopeOf('a', { isKnownAccount: false })],
    ['500s of commands', 500, scopeOf('a', { method: 'POST' })],
    ['oversized responses', new RestcommError('malformed', 'Too large.', { status: 200 }), A],
    ['truncated responses', new RestcommError('unavailable', 'Closed.', { status: 200 }), A],
    ['exhausted file descriptors', new RestcommError('overloaded', 'No descriptor.', { retryAfterSeconds: 1 }), A],
  ])('%s open no breaker', async (_title, error, scope) => {
    const { changes, fail } = createBreakers()
    for (let i = 0; i < 5; i++) await fail([scope], error)
    expect(changes).toEqual([])
  })

  it('requests cancelled within a second open no breaker', async () => {
    const { changes, fail } = createBreakers()
    for (let i = 0; i < 20; i++) await fail([A, B], LEFT, 999)
    expect(changes).toEqual([])
  })

  it('the breaker closes at once after a success', async () => {
    const { breakers, changes, fail, isRejected } = createBreakers()
    await fail([A, A, A])
    vi.advanceTimersByTime(700)
    breakers.recordResponse(A, performance.now(), 404, null)
    expect(isRejected(A)).toBe('sent')
    expect(changes[1]).toEqual({ state: 'closed', scope: 'account', account: ACCOUNT, cause: null, openMs: 700 })
  })
})

describe('circuit breaker of the server', () => {
  it.each([
    ['timeouts of two clients', [A, B, A], TIMED_OUT],
    ['500s of two clients', [A, B, A], 500],
    ['failed connections of one client', [A, A, A], UNREACHABLE],
    ['502s of one client', [A, A, A], 502],
    ['commands that cannot be sent', [scopeOf('a', { method: 'POST' })], UNREACHABLE],
  ] as const)(
    '%s open the breaker for every client if the health probe fails as well',
    async (_title, scopes, error) => {
      const { breakers, probe, fail, isRejected } = createBreakers()
      probe.error = UNREACHABLE
      for (let i = 0; i < 3; i++) await fail(scopes, error, 400)
      expect(breakers.state).toBe('open')
      expect([isRejected(B), isRejected(B)]).toEqual(['trial', 'rejected'])
      breakers.close()
    },
  )

  it.each([
    ['timeouts', TIMED_OUT],
    ['500s', 500],
    ['504s', 504],
    ['failed connections', UNREACHABLE],
  ] as const)(
    '%s of many clients do not stop further clients while the health probe succeeds',
    async (_title, error) => {
      const { breakers, fail, isRejected } = createBreakers()
      const failing = Array.from({ length: 30 }, (_, i) => scopeOf(`failing ${i}`))
      for (let i = 0; i < 5; i++) await fail(failing, error)
      expect([breakers.state, isRejected(B)]).toEqual(['closed', 'sent'])
      // The breakers of the failing clients are open.
      expect(failing.map(isRejected)).toEqual(failing.map((_, i) => (i === 0 ? 'trial' : 'rejected')))
    },
  )

  it('a success of a second client keeps the breaker closed', async () => {
    const { breakers, fail, isRejected } = createBreakers()
    for (let i = 0; i < 5; i++) {
      await fail([A, A, A])
      breakers.recordResponse(B, performance.now(), 200, null)
    }
    expect([breakers.state, isRejected(B)]).toEqual(['closed', 'sent'])
  })

  it('further timeouts of clients with an open breaker do not open the breaker again once the health probe succeeds', async () => {
    const { breakers, probe, fail } = createBreakers()
    probe.error = UNREACHABLE
    await fail([A, A, A, B, B, B])
    expect(breakers.state).toBe('open')
    breakers.recordResponse(scopeOf('c'), performance.now(), 200, null)
    probe.error = null
    for (let i = 0; i < 5; i++) await fail([A, B], TIMED_OUT, 2_000)
    expect(breakers.state).toBe('closed')
  })

  it('timeouts of a single client open the breaker if the health probe fails as well', async () => {
    const { breakers, probe, fail } = createBreakers()
    probe.error = UNREACHABLE
    await fail([A, A, A])
    expect([breakers.state, probe.count]).toEqual(['open', 1])
    breakers.close()
  })

  it('each client may send a trial request every 500 ms, and all clients together one every 100 ms', async () => {
    const { breakers, probe, fail, isRejected } = createBreakers()
    probe.error = UNREACHABLE
    await fail([A, B, A])
    const trials: string[] = []
    for (let i = 0; i < 40; i++) {
      for (let client = 0; client < 20; client++) {
        if (isRejected(scopeOf(`client ${client}`)) === 'trial') trials.push(`client ${client}`)
      }
      vi.advanceTimersByTime(50)
    }
    expect(trials).toHaveLength(20)
    expect(new Set(trials.slice(0, 5)).size).toBe(5)
    expect(isRejected(scopeOf('a', { method: 'POST' }))).toBe('rejected')
    breakers.close()
  })

  it('a rejected request names the delay for a retry', async () => {
    const { breakers, fail } = createBreakers()
    await fail([A, A, A])
    breakers.admit(A)
    expect(() => breakers.admit(A)).toThrow('circuit breaker open); try again in 1 s.')
    breakers.close()
  })

  it('the health probe runs every 500 ms, and a success closes the breaker, also of the accounts', async () => {
    const { breakers, changes, probe, fail, isRejected } = createBreakers()
    probe.error = UNREACHABLE
    await fail([A, A, A, B, B, B])
    const countAtOpening = probe.count
    await vi.advanceTimersByTimeAsync(1_000)
    expect(probe.count - countAtOpening).toBe(2)
    expect(isRejected(A)).toBe('trial')
    probe.error = null
    await vi.advanceTimersByTimeAsync(500)
    expect(breakers.state).toBe('closed')
    expect([A, A, B, B].map(isRejected)).toEqual(['sent', 'sent', 'sent', 'sent'])
    expect(changes).toMatchObject([
      { state: 'open', scope: 'server', cause: 'timedOut' },
      { state: 'closed', scope: 'server', cause: null },
    ])
    const { count } = probe
    await vi.advanceTimersByTimeAsync(5_000)
    expect(probe.count).toBe(count)
  })
})
