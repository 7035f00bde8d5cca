import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Poller, type PollOutcome } from '../../../src/live/poller.ts'

const INTERVAL_MS = 1_000
let poller: Poller
beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  poller.pause()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Starts polls with the given outcomes; the last outcome repeats. Returns the time between consecutive polls. */
async function delaysOf(...outcomes: readonly PollOutcome[]): Promise<readonly number[]> {
  const times: number[] = []
  poller = new Poller(async () => {
    times.push(Date.now())
    return outcomes[Math.min(times.length, outcomes.length) - 1] ?? 'unchanged'
  }, INTERVAL_MS)
  poller.pollNow()
  await vi.advanceTimersByTimeAsync(60_000)
  return times.slice(1).map((time, i) => Math.round(time - (times[i] ?? 0)))
}

it.each([
  { random: 0, delayMs: 900 },
  { random: 0.5, delayMs: 1_000 },
  { random: 0.999_999, delayMs: 1_099 },
])(
  'the delay of a poller varies by 10 %, so that many watches do not poll at once: Math.random() $random',
  async ({ random, delayMs }) => {
    vi.spyOn(Math, 'random').mockReturnValue(random)
    expect((await delaysOf('changed'))[0]).toBe(delayMs)
  },
)

it('the delay of a poller grows to four intervals while nothing changes', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  const delays = await delaysOf('unchanged')
  expect(delays.slice(0, 3)).toEqual([1_250, 1_562, 1_953])
  expect(delays.at(-1)).toBe(4_000)
})

it('a poller repeats a failed poll after one interval, and then with delays that grow to ten seconds', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  const delays = await delaysOf('failed')
  expect(delays.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(delays.at(-1)).toBe(10_000)
})
