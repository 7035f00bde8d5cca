import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RestcommError } from '../../../../src/restcomm/errors.ts'
import { type RequestScope, UpstreamBreakers } from '../../../../src/restcomm/http/upstreamBreakers.ts'
import { useCacheClock } from '../../../support/cacheClock.ts'

const OPEN_MS = 5_000
const scope = { credentialHash: 'client', isKnownAccount: true, method: 'GET' } as const

const createBreakers = () => new UpstreamBreakers(OPEN_MS, () => undefined)

/** The breaker of the account `client` is open; the upstream breaker is closed. */
const breakersWithOpenAccount = () => {
  const breakers = createBreakers()
  for (let i = 0; i < 10; i++) breakers.recordResponse(breakers.acquire(scope), scope, 500)
  expect(() => breakers.assertAvailable(scope)).toThrow('circuit breaker open')
  breakers.assertAvailable({ ...scope, credentialHash: 'second client' })
  return breakers
}

describe('circuit breaker of an account', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['unavailable', null],
    ['malformed', 200],
  ] as const)(
    'the circuit breaker of an account closes after a trial request that fails with anything but 500: %s',
    (failure, status) => {
      const breakers = breakersWithOpenAccount()
      vi.advanceTimersByTime(OPEN_MS)
      const error = new RestcommError(failure, 'Failed.', status === null ? {} : { status })
      breakers.recordError(breakers.acquire(scope), scope, error)
      expect(() => breakers.assertAvailable(scope)).not.toThrow()
    },
  )

  it('the circuit breaker of an account stays open after a cancelled trial request', () => {
    const breakers = breakersWithOpenAccount()
    vi.advanceTimersByTime(OPEN_MS)
    breakers.recordError(breakers.acquire(scope), scope, new RestcommError('cancelled', 'The client disconnected.'))
    expect(() => breakers.assertAvailable(scope)).toThrow('circuit breaker open')
  })
})

describe('circuit breaker of an account with concurrent requests', () => {
  const advance = useCacheClock()

  it('the circuit breaker of an account is removed 60 s after its creation, even if a request that was in flight at the creation fails later', () => {
    const breakers = createBreakers()
    const inFlight = Array.from({ length: 11 }, () => breakers.acquire(scope))
    for (const [i, permits] of inFlight.entries()) {
      breakers.recordResponse(permits, scope, 500)
      if (i === 0) advance(59_000)
    }
    expect(() => breakers.assertAvailable(scope)).toThrow('circuit breaker open')
    advance(2_000)
    expect(() => breakers.assertAvailable(scope)).not.toThrow()
  })
})

describe('circuit breaker of the upstream', () => {
  const timedOut = new RestcommError('timedOut', 'Restcomm did not answer in time.')
  const breakersAfterTenErrors = (failingScope: RequestScope, error: RestcommError) => {
    const breakers = createBreakers()
    for (let i = 0; i < 10; i++) breakers.recordError(breakers.acquire(failingScope), failingScope, error)
    return breakers
  }

  it('the circuit breaker of the upstream opens after GETs that time out and after POSTs that cannot be sent', () => {
    expect(breakersAfterTenErrors(scope, timedOut).state).toBe('open')
    const unreachable = new RestcommError('unavailable', 'Restcomm cannot be reached.')
    expect(breakersAfterTenErrors({ ...scope, method: 'POST' }, unreachable).state).toBe('open')
  })

  it('the circuit breaker of the upstream stays closed after POSTs that time out, because Restcomm may take a minute for a change', () => {
    const breakers = breakersAfterTenErrors({ ...scope, isKnownAccount: false, method: 'POST' }, timedOut)
    expect(breakers.state).toBe('closed')
    expect(() => breakers.assertAvailable(scope)).not.toThrow()
  })
})
