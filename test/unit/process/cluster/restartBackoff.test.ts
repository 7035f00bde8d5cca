import { expect, it } from 'vitest'
import { RestartDelay } from '../../../../src/process/cluster/restartBackoff.ts'

it('doubles up to ten seconds while those that are started end soon', () => {
  const delay = new RestartDelay()
  const delays = Array.from({ length: 10 }, () => delay.after(200))
  expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000])
})

it('begins anew after one that lived a while', () => {
  const delay = new RestartDelay()
  for (let i = 0; i < 20; i++) delay.after(0)
  expect(delay.after(9_999)).toBe(10_000)
  expect(delay.after(10_000)).toBe(100)
  expect(delay.after(0)).toBe(200)
})
