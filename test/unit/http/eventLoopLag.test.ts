import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { EventLoopLag } from '../../../src/http/eventLoopLag.ts'

const INTERVAL_MS = 100

/** Timers run when the test says so, and the clock shows `nowMs`. */
let nowMs = 0
let runTimer = () => {}
beforeEach(() => {
  nowMs = 1_000
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  vi.spyOn(globalThis, 'setInterval').mockImplementation(callback => {
    runTimer = callback as () => void
    return { unref: () => undefined } as unknown as NodeJS.Timeout
  })
})
afterEach(() => void vi.restoreAllMocks())

const start = () => {
  const changes: boolean[] = []
  const lag = new EventLoopLag(isOverloaded => changes.push(isOverloaded))
  onTestFinished(() => lag.close())
  const tick = (lateMs: number) => {
    nowMs += INTERVAL_MS + lateMs
    runTimer()
    return lag.isOverloaded
  }
  return { tick, changes }
}

describe('EventLoopLag', () => {
  it('timers up to half a second late are no overload', () => {
    const { tick } = start()
    expect([0, 20, 500, 500, 499].map(tick)).toEqual([false, false, false, false, false])
  })

  it('two late timers in a row are an overload, until a timer runs in time', () => {
    const { tick, changes } = start()
    expect([600, 700, 800, 0, 600, 0].map(tick)).toEqual([false, true, true, false, false, false])
    expect(changes).toEqual([true, false])
  })

  it('a single pause of any length is no overload', () => {
    const { tick, changes } = start()
    expect([0, 3_600_000, 0, 0].map(tick)).toEqual([false, false, false, false])
    expect(changes).toEqual([])
  })
})
