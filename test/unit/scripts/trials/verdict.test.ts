import { describe, expect, it } from 'vitest'
import { applyEvent, type Judgement, judge, type ReceivedEvent, Timeline } from '../../../../scripts/trials/verdict.ts'

const A = { a: 'active' }
const A_MUTED = { a: 'muted' }
const A_MUTED_B = { a: 'muted', b: 'active' }
const B = { b: 'active' }

const stateOf = (entries: Readonly<Record<string, string>>) => new Map(Object.entries(entries))

/** Version 0 at 1 s: `a` joins. Version 1 at 2 s: `a` is muted. Version 2 at 3 s: `b` joins. Version 3 at 4 s: `a` leaves. */
const timeline = new Timeline()
for (const [index, state] of [A, A_MUTED, A_MUTED_B, B].entries()) timeline.record(1_000 * (index + 1), stateOf(state))

const snapshot = (atMs: number, state: Readonly<Record<string, string>>): ReceivedEvent => ({
  atMs,
  kind: 'snapshot',
  entries: stateOf(state),
})
const put = (atMs: number, key: string, value: string): ReceivedEvent => ({ atMs, kind: 'put', key, value })
const remove = (atMs: number, key: string): ReceivedEvent => ({ atMs, kind: 'remove', key })

const verdictOf = (events: readonly ReceivedEvent[], judgement: Partial<Judgement> = {}) => {
  const { faults, gapMs, gapSinceMs } = judge(timeline, events, { endMs: 10_000, ...judgement })
  return { kinds: faults.map(({ kind }) => kind), gapMs, gapSinceMs }
}

describe('judge', () => {
  it('judge accepts the event of each change, and measures the longest delay', () => {
    const events = [snapshot(1_500, A), put(2_100, 'a', 'muted'), put(3_700, 'b', 'active'), remove(4_200, 'a')]
    expect(verdictOf(events)).toEqual({ kinds: [], gapMs: 700, gapSinceMs: 3_000 })
  })

  it('judge accepts several changes merged into one step, and measures the delay of the first', () => {
    const events = [snapshot(1_500, A), remove(4_300, 'a'), put(4_300, 'b', 'active')]
    expect(verdictOf(events)).toEqual({ kinds: [], gapMs: 2_300, gapSinceMs: 2_000 })
  })

  it('judge accepts a second snapshot of a newer version', () => {
    expect(verdictOf([snapshot(1_500, A), snapshot(4_100, B)]).kinds).toEqual([])
  })

  it('judge finds a lost event by the wrong last state', () => {
    const events = [snapshot(1_500, A), put(2_100, 'a', 'muted'), remove(4_200, 'a')]
    expect(verdictOf(events).kinds).toEqual(['lost'])
  })

  it('judge finds a lost event although a later event corrects the state', () => {
    const events = [snapshot(1_500, A), put(3_100, 'b', 'active'), put(3_500, 'b', 'muted'), remove(4_200, 'a')]
    const corrected = [...events, put(4_300, 'b', 'active')]
    expect(verdictOf(corrected).kinds).toEqual(['lost'])
  })

  it('judge finds a subscriber without events after the snapshot, with the gap until the end', () => {
    expect(verdictOf([snapshot(1_500, A)])).toEqual({ kinds: ['lost'], gapMs: 8_000, gapSinceMs: 2_000 })
  })

  it('judge finds a subscriber without any event', () => {
    expect(verdictOf([]).kinds).toEqual(['lost'])
  })

  it('judge finds a snapshot which the resource never had', () => {
    expect(verdictOf([snapshot(1_500, { c: 'active' }), snapshot(4_100, B)]).kinds).toEqual(['lost'])
  })

  it.each([
    ['put', put(2_200, 'a', 'muted')],
    ['removal', remove(2_200, 'c')],
    ['snapshot', snapshot(2_200, A_MUTED)],
  ])('judge finds a doubled %s', (_kind, doubled) => {
    const events = [
      snapshot(1_500, A),
      put(2_100, 'a', 'muted'),
      doubled,
      put(3_100, 'b', 'active'),
      remove(4_200, 'a'),
    ]
    expect(verdictOf(events).kinds).toEqual(['doubled'])
  })

  it('judge finds an older state after a newer state', () => {
    const events = [
      snapshot(1_500, A),
      put(2_100, 'a', 'muted'),
      put(3_100, 'b', 'active'),
      remove(3_200, 'b'),
      put(3_300, 'b', 'active'),
      remove(4_100, 'a'),
    ]
    expect(verdictOf(events).kinds).toEqual(['older'])
  })

  it('judge finds an older snapshot after a newer state', () => {
    const events = [snapshot(3_100, A_MUTED_B), snapshot(3_200, A), snapshot(4_100, B)]
    expect(verdictOf(events).kinds).toEqual(['older'])
  })

  it('judge does not count the time in which the replica of the subscriber was suspended', () => {
    const events = [snapshot(3_500, A_MUTED_B), remove(9_000, 'a')]
    expect(verdictOf(events, { pauses: [{ fromMs: 3_600, untilMs: 8_600 }] }).gapMs).toBe(400)
  })

  it('judge does not expect the last state from a killed replica', () => {
    expect(verdictOf([snapshot(1_500, A), put(2_100, 'a', 'muted')], { isCutShort: true })).toEqual({
      kinds: [],
      gapMs: 100,
      gapSinceMs: 2_000,
    })
  })
})

describe('Timeline', () => {
  it('Timeline rejects a state which occurs twice', () => {
    expect(() => timeline.record(5_000, stateOf(A))).toThrow('The state occurs twice in the timeline: a=active.')
  })
})

describe('applyEvent', () => {
  it('applyEvent reports whether the event changes the state', () => {
    const state = stateOf(A)
    expect(applyEvent(state, put(0, 'a', 'active'))).toBe(false)
    expect(applyEvent(state, put(0, 'b', 'active'))).toBe(true)
    expect(applyEvent(state, remove(0, 'a'))).toBe(true)
    expect(applyEvent(state, remove(0, 'a'))).toBe(false)
    expect(state).toEqual(stateOf(B))
  })
})
