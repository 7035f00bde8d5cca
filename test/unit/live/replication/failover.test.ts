import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Succession } from '../../../../src/live/replication/failover.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const begin = () => {
  const onTurn = vi.fn()
  const succession = new Succession(1_000, onTurn)
  return { succession, turns: () => onTurn.mock.calls.length }
}

it('leaves a leader that has failed the time to look again, and then tries once', () => {
  const { succession, turns } = begin()
  expect(succession.isOpen).toBe(false)
  succession.leaderFailed()
  vi.advanceTimersByTime(1_100)
  succession.leaderFailed()
  expect([succession.isOpen, turns()]).toEqual([true, 0])
  vi.advanceTimersByTime(1_100)
  expect(turns()).toBe(1)
  vi.advanceTimersByTime(60_000)
  expect([succession.isOpen, turns()]).toEqual([true, 1])
  succession.leaderFailed()
  vi.advanceTimersByTime(2_200)
  expect(turns()).toBe(2)
})

it('does not try where the leader can look again', () => {
  const { succession, turns } = begin()
  succession.leaderFailed()
  vi.advanceTimersByTime(1_100)
  succession.close()
  expect([succession.isOpen, vi.getTimerCount()]).toEqual([false, 0])
  expect(turns()).toBe(0)
})

it('lets one of many try at a time', () => {
  const all = Array.from({ length: 10 }, () => {
    const one = new Succession(1_000, () => {
      tries++
      for (const other of all) if (other !== one) other.anotherTries()
    })
    return one
  })
  let tries = 0
  for (let failure = 1; failure <= 5; failure++) {
    for (const one of all) one.leaderFailed()
    vi.advanceTimersByTime(10_000)
    expect(tries).toBe(failure)
  }
  expect(all.every(({ isOpen }) => isOpen)).toBe(true)
})
