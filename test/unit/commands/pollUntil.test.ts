import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { pollUntil } from '../../../src/commands/pollUntil.ts'
import { CancellationToken } from '../../../src/restcomm/cancellationToken.ts'
import { RestcommError } from '../../../src/restcomm/errors.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

it('pollUntil reads with growing delays until the condition holds and returns the last result', async () => {
  let reads = 0
  const result = pollUntil(
    60_000,
    async () => ++reads,
    read => read === 5,
  )
  await vi.advanceTimersByTimeAsync(40 + 80 + 160 + 320 - 1)
  expect(reads).toBe(4)
  await vi.advanceTimersByTimeAsync(1)
  expect([await result, vi.getTimerCount()]).toEqual([5, 0])
  const late = pollUntil(
    200,
    async () => ++reads,
    () => false,
  )
  await vi.advanceTimersByTimeAsync(200)
  // Reads after 0, 40 and 120 ms, and at the timeout.
  expect(await late).toBe(9)
})

it('pollUntil stops on cancellation', async () => {
  const cancellation = new CancellationToken()
  let reads = 0
  const read = async () => {
    if (cancellation.isCancelled) throw cancellation.reason
    return ++reads
  }
  const result = pollUntil(60_000, read, () => false, cancellation)
  await vi.advanceTimersByTimeAsync(10_000)
  const before = reads
  cancellation.cancel(new RestcommError('cancelled', 'The client left.'))
  expect([await result, vi.getTimerCount()]).toEqual([before, 0])
})

it.each(['notFound', 'forbidden', 'unavailable'] as const)(
  'pollUntil returns null instead of throwing if every read fails with %s',
  async failure => {
    const result = pollUntil(
      1_000,
      () => Promise.reject(new RestcommError(failure, 'No.')),
      () => true,
    )
    await vi.advanceTimersByTimeAsync(1_000)
    expect([await result, vi.getTimerCount()]).toEqual([null, 0])
    await expect(
      pollUntil(
        1_000,
        () => Promise.reject(new TypeError('a bug')),
        () => true,
      ),
    ).rejects.toThrow('a bug')
  },
)
