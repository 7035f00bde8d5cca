import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { settled } from '../../../src/commands/pollUntil.ts'
import { Cancellation } from '../../../src/restcomm/cancellation.ts'
import { RestcommError } from '../../../src/restcomm/errors.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

it('looks until a change shows, ever more slowly, and gives what was seen last', async () => {
  let looks = 0
  const seen = settled(
    60_000,
    async () => ++looks,
    look => look === 5,
  )
  await vi.advanceTimersByTimeAsync(40 + 80 + 160 + 320 - 1)
  expect(looks).toBe(4)
  await vi.advanceTimersByTimeAsync(1)
  expect([await seen, vi.getTimerCount()]).toEqual([5, 0])
  const late = settled(
    200,
    async () => ++looks,
    () => false,
  )
  await vi.advanceTimersByTimeAsync(200)
  // At once, after 40 and 120 milliseconds, and when the time is up.
  expect(await late).toBe(9)
})

it('waits no longer than for whoever waits for it', async () => {
  const cancellation = new Cancellation()
  let looks = 0
  const look = async () => {
    if (cancellation.isCancelled) throw cancellation.reason
    return ++looks
  }
  const seen = settled(60_000, look, () => false, cancellation)
  await vi.advanceTimersByTimeAsync(10_000)
  const before = looks
  cancellation.cancel(new RestcommError('cancelled', 'The client has gone.'))
  expect([await seen, vi.getTimerCount()]).toEqual([before, 0])
})

it.each(['notFound', 'forbidden', 'unavailable'] as const)(
  'does not throw away what was done where how it is now is answered with %s',
  async failure => {
    const seen = settled(
      1_000,
      () => Promise.reject(new RestcommError(failure, 'No.')),
      () => true,
    )
    await vi.advanceTimersByTimeAsync(1_000)
    expect([await seen, vi.getTimerCount()]).toEqual([null, 0])
    await expect(
      settled(
        1_000,
        () => Promise.reject(new TypeError('a mistake')),
        () => true,
      ),
    ).rejects.toThrow('a mistake')
  },
)
