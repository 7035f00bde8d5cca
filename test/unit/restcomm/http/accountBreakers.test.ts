import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Asker, Breakers } from '../../../../src/restcomm/http/accountBreakers.ts'
import { RestcommError } from '../../../../src/restcomm/errors.ts'

const OPEN_MS = 5_000
const asker = { credential: 'somebody', isOwn: true, method: 'GET' } as const

/** An account that is answered 500 again and again. */
const refused = () => {
  const breakers = new Breakers({ openMs: OPEN_MS, onTurn: () => undefined })
  for (let i = 0; i < 10; i++) breakers.answered(breakers.pass(asker), asker, 500)
  expect(() => breakers.check(asker)).toThrow('left alone')
  breakers.check({ ...asker, credential: 'another' })
  return breakers
}

describe("an account's breaker", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['unavailable', null],
    ['malformed', 200],
  ] as const)('closes where its trial is anything but 500: %s', (failure, status) => {
    const breakers = refused()
    vi.advanceTimersByTime(OPEN_MS)
    const error = new RestcommError(failure, 'It failed.', status === null ? {} : { status })
    breakers.failed(breakers.pass(asker), asker, error)
    expect(() => breakers.check(asker)).not.toThrow()
  })

  it('stays where its trial was given up', () => {
    const breakers = refused()
    vi.advanceTimersByTime(OPEN_MS)
    breakers.failed(breakers.pass(asker), asker, new RestcommError('cancelled', 'The client has gone.'))
    expect(() => breakers.check(asker)).toThrow('left alone')
  })
})

describe("the upstream's breaker", () => {
  const timedOut = new RestcommError('timedOut', 'Restcomm did not answer in time.')
  const failTenTimes = (change: Asker, error: RestcommError) => {
    const breakers = new Breakers({ openMs: OPEN_MS, onTurn: () => undefined })
    for (let i = 0; i < 10; i++) breakers.failed(breakers.pass(change), change, error)
    return breakers
  }

  it('opens where what is read is not answered in time, or a change cannot be sent', () => {
    expect(failTenTimes(asker, timedOut).state).toBe('open')
    const unreachable = new RestcommError('unavailable', 'Restcomm cannot be reached.')
    expect(failTenTimes({ ...asker, method: 'POST' }, unreachable).state).toBe('open')
  })

  it('stays closed where changes are not answered in time, which Restcomm takes a minute for', () => {
    const breakers = failTenTimes({ ...asker, isOwn: false, method: 'POST' }, timedOut)
    expect(breakers.state).toBe('closed')
    expect(() => breakers.check(asker)).not.toThrow()
  })
})
