import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Member } from '../../../src/live/replication/replicaBus.ts'
import { Names } from '../../../src/redis/keys.ts'
import { Leases, type Place } from '../../../src/redis/leaderElection.ts'
import type { RedisConnection } from '../../../src/redis/redisConnection.ts'
import type { Scripts } from '../../../src/redis/scripts.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined }

/** The leases of a replica before a Redis that answers as the test says. */
const begin = () => {
  const subscribe = vi.fn(async (..._channels: string[]) => 1)
  const claim = vi.fn(async (leases: readonly string[]) => leases.map(() => 0))
  let onReady = (): void => undefined
  const connection = {
    isReady: true,
    listener: { subscribe },
    onReady: (listener: () => void) => {
      onReady = listener
    },
  }
  const scripts = { claim, release: async () => undefined }
  const leases = new Leases<Place>(
    'me',
    connection as unknown as RedisConnection,
    scripts as unknown as Scripts,
    new Names('test:'),
    quiet,
    () => undefined,
  )
  const place = (): Place => ({
    name: 'watch',
    role: null,
    member: { assume: vi.fn(), missed: vi.fn() } as unknown as Member,
  })
  return { subscribe, claim, leases, place, ready: () => onReady() }
}

it('a lease that was handed over stays so, whatever an earlier claim is answered afterwards', async () => {
  const { claim, leases, place } = begin()
  const follower = place()
  await leases.enter(follower)
  expect(follower.role).toBe('follows')
  const late = Promise.withResolvers<number[]>()
  claim.mockReturnValueOnce(late.promise)
  leases.claim(follower)
  leases.assume(follower, 'leads', 5)
  late.resolve([0])
  await vi.advanceTimersByTimeAsync(0)
  expect(follower.role).toBe('leads')
  // What is asked after that counts.
  leases.claim(follower)
  await vi.advanceTimersByTimeAsync(0)
  expect(follower.role).toBe('follows')
  leases.close()
})

it('a lease is claimed by nobody who does not hear what is said, and by whoever hears it again', async () => {
  const { subscribe, claim, leases, place, ready } = begin()
  const watch = place()
  subscribe.mockRejectedValue(new Error('Connection is closed.'))
  await leases.enter(watch)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(watch.role).toBe('alone')
  expect(claim).not.toHaveBeenCalled()

  subscribe.mockResolvedValue(1)
  await vi.advanceTimersByTimeAsync(1_200)
  expect(watch.role).toBe('follows')

  // Another connection may know of none of them.
  subscribe.mockRejectedValue(new Error('Connection is closed.'))
  claim.mockClear()
  ready()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(claim).not.toHaveBeenCalled()
  expect(watch.role).toBe('alone')

  subscribe.mockClear().mockResolvedValue(1)
  await vi.advanceTimersByTimeAsync(1_200)
  expect(subscribe.mock.calls.flat()).toEqual(['test:nudges', 'test:watch:watch'])
  expect(watch.role).toBe('follows')
  leases.close()
})
