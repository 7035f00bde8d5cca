import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { EventLoopLag } from '../../../src/http/eventLoopLag.ts'

/** Timers run when the test says so, after the given CPU time. */
let usage = { user: 0, system: 0 }
let runTimer = () => {}
beforeEach(() => {
  usage = { user: 0, system: 0 }
  vi.spyOn(process, 'threadCpuUsage').mockImplementation(previous => ({
    user: usage.user - (previous?.user ?? 0),
    system: usage.system - (previous?.system ?? 0),
  }))
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
  const tick = (busyMs: number) => {
    usage = { user: usage.user + busyMs * 900, system: usage.system + busyMs * 100 }
    runTimer()
    return lag.isOverloaded
  }
  return { tick, changes }
}

describe('EventLoopLag', () => {
  it('up to half a second of CPU time between two timers is no overload', () => {
    const { tick } = start()
    expect([0, 20, 500, 500, 499].map(tick)).toEqual([false, false, false, false, false])
  })

  it('more than half a second of CPU time before two timers in a row is an overload, until a timer needs less', () => {
    const { tick, changes } = start()
    expect([600, 700, 800, 0, 600, 0].map(tick)).toEqual([false, true, true, false, false, false])
    expect(changes).toEqual([true, false])
  })

  it('timers that are late because the process did not run are no overload', () => {
    let nowMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
    const { tick, changes } = start()
    for (let i = 0; i < 10; i++) {
      nowMs += 5_000
      expect(tick(10)).toBe(false)
    }
    expect(changes).toEqual([])
  })
})
