import { expect, it } from 'vitest'
import { nextRestartDelayMs } from '../../../src/process/workerPool.ts'

it('nextRestartDelayMs doubles the delay up to ten seconds while workers end soon after the start', () => {
  const delays: number[] = []
  for (let i = 0; i < 10; i++) delays.push(nextRestartDelayMs(delays.at(-1) ?? 0, 200))
  expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000])
})

it('nextRestartDelayMs returns the minimum after a worker that lived for ten seconds', () => {
  expect(nextRestartDelayMs(10_000, 9_999)).toBe(10_000)
  expect(nextRestartDelayMs(10_000, 10_000)).toBe(100)
  expect(nextRestartDelayMs(100, 0)).toBe(200)
})
