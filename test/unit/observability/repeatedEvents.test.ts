import { type Level, pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { RepeatedEvents } from '../../../src/observability/repeatedEvents.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function createEvents(level: Level = 'info') {
  const lines: { level: number; msg: string; n: number; count?: number; mixed?: boolean }[] = []
  const log = pino({ level }, { write: line => lines.push(JSON.parse(line)) })
  return { events: new RepeatedEvents(log), lines }
}

it('RepeatedEvents logs the first event at once, and further equal events in a line per ten seconds', () => {
  const { events, lines } = createEvents()
  // 350 events a second for 8 seconds.
  for (let n = 1; n <= 2_800; n++) {
    events.write('warn', 'a', { n }, 'failed')
    vi.advanceTimersByTime(8_000 / 2_800)
  }
  expect(lines).toMatchObject([{ level: 40, msg: 'failed', n: 1 }])
  vi.advanceTimersByTime(10_000)
  expect(lines.slice(1)).toMatchObject([{ level: 40, msg: 'failed', n: 2_800, count: 2_799 }])
})

it('RepeatedEvents logs an event at once again after ten seconds without the event', () => {
  const { events, lines } = createEvents()
  events.write('info', 'a', { n: 1 }, 'failed')
  vi.advanceTimersByTime(10_000)
  events.write('info', 'a', { n: 2 }, 'failed')
  expect(lines.map(({ n, count }) => [n, count])).toEqual([
    [1, undefined],
    [2, undefined],
  ])
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(10_000)
  expect(vi.getTimerCount()).toBe(0)
})

it('RepeatedEvents counts events with different keys or messages separately', () => {
  const { events, lines } = createEvents()
  for (let round = 0; round < 3; round++) {
    events.write('warn', 'a', { n: 1 }, 'failed')
    events.write('warn', 'b', { n: 2 }, 'failed')
    events.write('warn', 'a', { n: 3 }, 'refused')
  }
  events.close()
  expect(lines.map(({ n, count = 1 }) => [n, count])).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
    [1, 2],
    [2, 2],
    [3, 2],
  ])
})

it('RepeatedEvents writes a bounded number of lines for any number of keys, and loses no event', () => {
  const { events, lines } = createEvents()
  for (let round = 0; round < 2; round++)
    for (let n = 0; n < 1_000; n++) events.write('warn', `key ${n}`, { n }, 'failed')
  events.close()
  expect(lines.length).toBeLessThanOrEqual(22)
  expect(lines.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(2_000)
  expect(lines.filter(({ mixed }) => mixed)).toHaveLength(1)
})

it('RepeatedEvents writes the remaining counts on close, and starts no timer for a disabled level', () => {
  const { events, lines } = createEvents('error')
  events.write('warn', 'a', { n: 1 }, 'failed')
  expect(vi.getTimerCount()).toBe(0)
  events.write('error', 'a', { n: 1 }, 'failed')
  events.write('error', 'a', { n: 2 }, 'failed')
  events.close()
  expect(lines).toMatchObject([{ n: 1 }, { n: 2, count: 1 }])
  expect(vi.getTimerCount()).toBe(0)
})

it('RepeatedEvents also logs each event at the level debug', () => {
  const { events, lines } = createEvents('debug')
  for (let n = 1; n <= 3; n++) events.write('warn', 'a', { n }, 'failed')
  expect(lines.map(({ level, n }) => [level, n])).toEqual([
    [40, 1],
    [20, 2],
    [20, 3],
  ])
})
