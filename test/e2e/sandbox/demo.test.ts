import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  demoCredentials,
  demoRows,
  parseRows,
  RowStore,
  simulateTraffic,
  startSandbox,
} from '../../../src/sandbox/index.ts'
import { basic, rawRequest } from './rawRequest.ts'

const NOON = new Date('2026-03-02T12:00:00.000Z')

describe('demoRows', () => {
  it('demo rows are equal for equal seeds and differ for different seeds', () => {
    expect(demoRows(7, NOON)).toEqual(demoRows(7, NOON))
    expect(demoRows(8, NOON).calls).not.toEqual(demoRows(7, NOON).calls)
  })

  it('demo rows are valid rows of a file', () => {
    const rows = demoRows(1, NOON)
    expect(parseRows(JSON.stringify(rows))).toEqual(rows)
  })

  it('demo rows have forty conferences in every status, with participants, finished calls and recordings', () => {
    const { conferences, calls, recordings } = demoRows(1, NOON)
    expect(conferences).toHaveLength(40)
    expect(new Set(conferences.map(room => room.status))).toEqual(
      new Set([
        'RUNNING_INITIALIZING',
        'RUNNING_MODERATOR_ABSENT',
        'RUNNING_MODERATOR_PRESENT',
        'STOPPING',
        'COMPLETED',
        'FAILED',
      ]),
    )
    expect(new Set(conferences.map(room => room.friendly_name)).size).toBe(40)
    const present = conferences.find(room => room.status === 'RUNNING_MODERATOR_PRESENT')
    expect(calls.filter(call => call.conference_sid === present?.sid && call.status === 'in-progress')).not.toEqual([])
    expect(calls.some(call => call.status === 'completed')).toBe(true)
    expect(recordings).not.toEqual([])
    for (const call of calls) expect(call).toMatchObject({ caller_name: /^\S+ \S+$/, sender: /^\+1555\d{7}$/ })
  })

  it('demo rows have dates in the past', () => {
    const now = '2026-03-02 12:00:00.000'
    const { conferences, calls } = demoRows(1, NOON)
    for (const row of [...conferences, ...calls]) {
      expect(row.date_created <= now).toBe(true)
      expect(row.date_updated <= now).toBe(true)
    }
  })

  it('demo rows are readable with the demo credentials', async () => {
    const sandbox = await startSandbox({ rows: demoRows() })
    onTestFinished(() => sandbox.close())
    const { accountSid, authToken } = demoCredentials
    const path = `/restcomm/2012-04-24/Accounts/${accountSid}/Conferences.json`
    const answer = await rawRequest(sandbox.url, path, { headers: { Authorization: basic(accountSid, authToken) } })
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body).total).toBeGreaterThan(30)
  })
})

describe('simulateTraffic', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOON })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const played = (seconds: number, seed: number, speed = 1) => {
    vi.setSystemTime(NOON)
    const store = new RowStore(demoRows(1, NOON))
    const animation = simulateTraffic(store, { seed, speed })
    vi.advanceTimersByTime(seconds * 1_000)
    animation.stop()
    return store
  }

  it('the traffic simulation is reproducible by the seed', () => {
    expect(played(600, 3).snapshot()).toEqual(played(600, 3).snapshot())
    expect(played(600, 4).snapshot()).not.toEqual(played(600, 3).snapshot())
  })

  it('the traffic simulation adds, removes and mutes participants, and starts and ends conferences', () => {
    const before = new RowStore(demoRows(1, NOON)).snapshot()
    const store = played(3_600, 1)
    const now = store.snapshot()
    expect(now.conferences.length).toBeGreaterThan(before.conferences.length)
    expect(now.calls.length).toBeGreaterThan(before.calls.length)
    expect(
      before.calls.some(call => call.status === 'in-progress' && store.call(call.sid)?.status === 'completed'),
    ).toBe(true)
    expect(before.calls.some(call => call.muted !== store.call(call.sid)?.muted)).toBe(true)
    const ended = before.conferences.filter(room => room.status.startsWith('RUNNING'))
    expect(ended.some(room => store.conference(room.sid)?.status === 'COMPLETED')).toBe(true)
  })

  it('the traffic simulation never changes an ended conference', () => {
    const over = demoRows(1, NOON).conferences.filter(room => /COMPLETED|FAILED/.test(room.status))
    const store = played(3_600, 1)
    expect(over.map(room => store.conference(room.sid))).toEqual(over)
  })

  it('the traffic simulation leaves no participant in an ended conference', () => {
    const store = played(3_600, 5)
    for (const room of store.conferencesOf(demoCredentials.accountSid)) {
      if (room.status !== 'COMPLETED') continue
      expect(store.callsIn(room.sid).filter(call => call.status === 'in-progress')).toEqual([])
    }
  })

  it('the traffic simulation bounds the number of running conferences', () => {
    const store = played(6 * 3_600, 1)
    const running = store.conferencesOf(demoCredentials.accountSid).filter(room => room.status.startsWith('RUNNING'))
    expect(running.length).toBeGreaterThanOrEqual(5)
    expect(running.length).toBeLessThanOrEqual(16)
  })

  it('the traffic simulation at speed 10 makes the same steps in a tenth of the time', () => {
    const sids = (store: RowStore) => store.snapshot().calls.map(call => [call.sid, call.status, call.caller_name])
    expect(sids(played(60, 2, 10))).toEqual(sids(played(600, 2, 1)))
  })

  it('the traffic simulation ends after stop()', () => {
    const store = new RowStore(demoRows(1, NOON))
    simulateTraffic(store).stop()
    const before = store.snapshot()
    vi.advanceTimersByTime(60_000)
    expect(store.snapshot()).toEqual(before)
  })

  it('the traffic simulation rejects a speed of zero or less', () => {
    expect(() => simulateTraffic(new RowStore(demoRows(1, NOON)), { speed: 0 })).toThrow(RangeError)
  })
})
