import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { OutageLog } from '../../../src/observability/outageLog.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('OutageLog logs the start with the cause and the end with the duration, once each', () => {
  const lines: object[] = []
  const log = pino({}, { write: line => lines.push(JSON.parse(line)) })
  const outage = new OutageLog(log, { started: 'down', ended: 'up' })
  outage.end()
  for (let round = 0; round < 2; round++) {
    outage.start({ cause: 'ECONNREFUSED' })
    outage.start({ cause: 'ECONNRESET' })
    vi.advanceTimersByTime(12_340)
    outage.end()
    outage.end()
  }
  const expected = [
    { level: 40, msg: 'down', cause: 'ECONNREFUSED' },
    { level: 30, msg: 'up', seconds: 12.3 },
  ]
  expect(lines).toMatchObject([...expected, ...expected])
  expect(lines).toHaveLength(4)
})
