import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LastSeen } from '../../../../src/live/replication/replicaBus.ts'
import { Looks } from '../../../../src/live/replication/replicatedPoller.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const INTERVAL = 1_000
/** As long as one who leads may say nothing, be it that its looks fail. */
const QUIET = 11_000
const away = new Error('away')

/** One among replicas, of which the others are what the test says. */
const begin = () => {
  const subject = {
    poll: vi.fn(async (_before: string | null) => 'seen'),
    parse: vi.fn((value: unknown): string | null => String(value)),
  }
  const learner = {
    state: null as string | null,
    applyState: vi.fn((state: string) => {
      learner.state = state
      return false
    }),
    touch: vi.fn(),
    classifyError: vi.fn((_error: Error, _seen: string | null): 'suppress' | 'fatal' => 'suppress'),
    emitError: vi.fn(),
  }
  const said: string[] = []
  const seat = {
    publish: vi.fn(),
    publishError: vi.fn(),
    sayAttempt: (attempt: string) => void said.push(attempt),
    ask: vi.fn<(question: string) => void>(),
    lastSeen: async (): Promise<LastSeen | null> => ({ version: [1, 0], state: 'told', ageMs: 0 }),
    leave: vi.fn(),
  }
  const looks = new Looks<string>({
    subject,
    learner,
    intervalMs: INTERVAL,
    join: () => seat,
    upstreamError: () => null,
  })
  return { subject, learner, seat, said, looks }
}

describe('one who follows a leader that cannot look', () => {
  it('tries once after a failure, tells nobody where it cannot either, and says so where it can', async () => {
    const { subject, learner, said, looks } = begin()
    looks.assume('follows', 0)
    await vi.advanceTimersByTimeAsync(0)
    expect(learner.state).toBe('told')
    subject.poll.mockRejectedValue(away)
    for (let failure = 1; failure <= 3; failure++) {
      looks.hearAttempt('failed')
      await vi.advanceTimersByTimeAsync(QUIET)
      expect(said).toEqual(Array.from({ length: failure }, () => 'tries'))
      expect(subject.poll).toHaveBeenCalledTimes(failure)
    }
    expect([learner.classifyError.mock.calls, learner.emitError.mock.calls]).toEqual([[], []])
    subject.poll.mockResolvedValue('seen')
    looks.hearAttempt('failed')
    await vi.advanceTimersByTimeAsync(2.2 * INTERVAL)
    expect(said.slice(3)).toEqual(['tries', 'can'])
    expect(learner.state).toBe('seen')
    looks.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on looking for itself where that has to begin while it tries', async () => {
    const { subject, said, looks } = begin()
    looks.assume('follows', 0)
    await vi.advanceTimersByTimeAsync(2_000)
    const { promise: trial, reject } = Promise.withResolvers<string>()
    subject.poll.mockReturnValueOnce(trial).mockRejectedValue(away)
    looks.hearAttempt('failed')
    await vi.advanceTimersByTimeAsync(2.2 * INTERVAL)
    expect(said).toEqual(['tries'])
    void looks.refresh()
    await vi.advanceTimersByTimeAsync(2_000)
    reject(away)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(subject.poll.mock.calls.length).toBeGreaterThan(4)
    looks.stop()
  })

  it('does not try where it hears that the leader can look again', async () => {
    const { subject, said, looks } = begin()
    looks.assume('follows', 0)
    await vi.advanceTimersByTimeAsync(0)
    looks.hearAttempt('failed')
    looks.hear({ version: [1, 0], answers: [] })
    await vi.advanceTimersByTimeAsync(QUIET)
    expect([said, subject.poll.mock.calls]).toEqual([[], []])
    looks.stop()
  })

  it('goes on looking for itself where it does so in any case, and says that it can', async () => {
    const { subject, said, looks } = begin()
    looks.assume('follows', 0)
    await vi.advanceTimersByTimeAsync(5_000)
    subject.poll.mockRejectedValue(away)
    void looks.refresh()
    looks.hearAttempt('failed')
    // Nobody answers the question, so it looks for itself before it would be its turn to try.
    await vi.advanceTimersByTimeAsync(30_000)
    expect(said).toEqual([])
    expect(subject.poll.mock.calls.length).toBeGreaterThan(3)
    subject.poll.mockResolvedValue('seen')
    await vi.advanceTimersByTimeAsync(11_500)
    expect(said[0]).toBe('can')
    looks.stop()
  })
})

describe('one who follows', () => {
  /** Has seen 'seen' for itself, and has a question open. */
  const beginOwn = async () => {
    const all = begin()
    all.seat.lastSeen = async () => ({ version: [9, 0], state: 'old', ageMs: 60_000 })
    all.looks.assume('follows', 0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(all.learner.state).toBe('seen')
    const question = () => all.seat.ask.mock.lastCall?.[0] ?? ''
    return { ...all, question }
  }

  it('does not take what has to be fetched for newer than what it sees itself meanwhile', async () => {
    const { subject, learner, seat, looks, question } = await beginOwn()
    const fetched = Promise.withResolvers<LastSeen | null>()
    seat.lastSeen = () => fetched.promise
    subject.poll.mockResolvedValue('seen later')
    looks.hear({ version: [9, 5], answers: [question()] })
    await vi.advanceTimersByTimeAsync(8_000)
    expect(learner.state).toBe('seen later')
    fetched.resolve({ version: [9, 5], state: 'fetched', ageMs: 0 })
    await vi.advanceTimersByTimeAsync(0)
    expect(learner.state).toBe('seen later')
    looks.stop()
  })

  it('asks a leader whose terms are lower than what it knows, and believes the answer', async () => {
    const { learner, looks, question } = await beginOwn()
    looks.hear({ version: [9, 1], state: 'before', answers: [question()] })
    await vi.advanceTimersByTimeAsync(0)
    looks.hear({ version: [8, 1], state: 'unasked', answers: [] })
    await vi.advanceTimersByTimeAsync(0)
    expect(learner.state).toBe('before')
    looks.hear({ version: [8, 2], state: 'asked', answers: [question()] })
    looks.hear({ version: [8, 3], state: 'next', answers: [] })
    await vi.advanceTimersByTimeAsync(0)
    expect(learner.applyState.mock.calls.slice(-2)).toEqual([['asked'], ['next']])
    looks.stop()
  })

  it('tells an error after what was said before it', async () => {
    const { learner, seat, looks, question } = await beginOwn()
    const fetched = Promise.withResolvers<LastSeen | null>()
    seat.lastSeen = () => fetched.promise
    looks.hear({ version: [9, 5], answers: [question()] })
    looks.hearError({ failure: null, code: null, message: 'gone', lasts: true })
    await vi.advanceTimersByTimeAsync(0)
    expect(learner.emitError).not.toHaveBeenCalled()
    fetched.resolve({ version: [9, 5], state: 'fetched', ageMs: 0 })
    await vi.advanceTimersByTimeAsync(0)
    expect(learner.state).toBe('fetched')
    expect(learner.emitError).toHaveBeenCalledOnce()
    looks.stop()
  })

  it.each([
    ['said', 'of another version'],
    ['fetched', undefined],
  ])('asks, and looks for itself, where it does not understand what is %s', async (_how, state) => {
    const { subject, learner, seat, looks } = begin()
    looks.assume('follows', 0)
    await vi.advanceTimersByTimeAsync(0)
    expect(learner.state).toBe('told')
    subject.parse.mockReturnValue(null)
    const news = { version: [1, 1], answers: [], ...(state && { state }) } as const
    looks.hear(news)
    await vi.advanceTimersByTimeAsync(0)
    expect(seat.ask).toHaveBeenCalledOnce()
    looks.hear({ ...news, answers: [seat.ask.mock.lastCall?.[0] ?? ''] })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(learner.state).toBe('seen')
    looks.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('looks at once where something was done, while it looks for itself in any case', async () => {
    const { subject, looks } = await beginOwn()
    const before = subject.poll.mock.calls.length
    looks.now()
    await vi.advanceTimersByTimeAsync(0)
    expect(subject.poll.mock.calls.length).toBe(before + 1)
    looks.stop()
  })
})

describe('one who follows a leader that answers slowly', () => {
  it('leaves the looking to it after a while, and is told what it sees', async () => {
    const { subject, learner, seat, looks } = begin()
    let look = 0
    seat.ask.mockImplementation(question => {
      setTimeout(() => looks.hear({ version: [1, ++look], state: 'answered', answers: [question] }), 5_000)
    })
    const unasked = setInterval(() => looks.hear({ version: [1, look], answers: [] }), QUIET)
    seat.lastSeen = async () => ({ version: [1, 0], state: 'old', ageMs: 60_000 })
    looks.assume('follows', 0)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(subject.poll.mock.calls.length).toBeGreaterThan(0)
    expect(subject.poll.mock.calls.length).toBeLessThan(6)
    expect(learner.state).toBe('answered')
    subject.poll.mockClear()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(subject.poll).not.toHaveBeenCalled()
    clearInterval(unasked)
    looks.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('one who follows a leader that is not heard', () => {
  it.each([
    ['any more', ['news', 'failed', 'tries']],
    ['at all', []],
  ] as const)('%s asks, and looks for itself again and again until it is answered', async (_when, signs) => {
    const { subject, learner, seat, looks } = begin()
    subject.poll.mockRejectedValue(away)
    looks.assume('follows', 0)
    for (const sign of signs) {
      await vi.advanceTimersByTimeAsync(QUIET)
      if (sign === 'news') looks.hear({ version: [1, 0], answers: [] })
      else looks.hearAttempt(sign)
    }
    await vi.advanceTimersByTimeAsync(QUIET)
    expect(seat.ask).not.toHaveBeenCalled()
    subject.poll.mockReset().mockResolvedValue('seen')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(seat.ask).toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(subject.poll.mock.calls.length).toBeGreaterThan(5)
    looks.hear({ version: [1, 1], state: 'answered', answers: [seat.ask.mock.lastCall?.[0] ?? ''] })
    subject.poll.mockClear()
    await vi.advanceTimersByTimeAsync(QUIET)
    expect(learner.state).toBe('answered')
    expect(subject.poll).not.toHaveBeenCalled()
    looks.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('one who leads', () => {
  it('says of each look that failed that it did, and is failing until one does not', async () => {
    const { subject, said, looks } = begin()
    looks.assume('leads', 1)
    await vi.advanceTimersByTimeAsync(0)
    expect(looks.isFailing).toBe(false)
    subject.poll.mockRejectedValue(away)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(looks.isFailing).toBe(true)
    expect(said).toEqual(Array.from({ length: subject.poll.mock.calls.length - 1 }, () => 'failed'))
    subject.poll.mockResolvedValue('seen')
    await vi.advanceTimersByTimeAsync(11_500)
    expect(looks.isFailing).toBe(false)
    looks.stop()
  })

  it('does not fail as soon as it leads for what it could not do before, nor for an error that all of them see', async () => {
    const { subject, learner, said, looks } = begin()
    subject.poll.mockRejectedValue(away)
    looks.assume('leads', 1)
    await vi.advanceTimersByTimeAsync(0)
    expect(looks.isFailing).toBe(true)
    looks.assume('follows', 0)
    expect(looks.isFailing).toBe(false)
    learner.classifyError.mockReturnValue('fatal')
    looks.assume('leads', 2)
    await vi.advanceTimersByTimeAsync(0)
    expect(said).toEqual(['failed'])
    looks.stop()
  })

  it('begins where the others were, be it nudged while it asks where that is', async () => {
    const { subject, learner, seat, looks } = begin()
    const fetched = Promise.withResolvers<LastSeen | null>()
    seat.lastSeen = () => fetched.promise
    subject.poll.mockRejectedValueOnce(away)
    looks.assume('leads', 1)
    looks.now()
    await vi.advanceTimersByTimeAsync(500)
    expect(subject.poll).not.toHaveBeenCalled()
    fetched.resolve({ version: [1, 0], state: 'told', ageMs: 0 })
    await vi.advanceTimersByTimeAsync(0)
    expect(subject.poll.mock.calls[0]).toEqual(['told'])
    expect(learner.classifyError.mock.calls).toEqual([[away, 'told']])
    looks.stop()
  })

  it('looks no sooner for being asked again while it cannot look', async () => {
    const { subject, seat, looks } = begin()
    looks.assume('leads', 1)
    await vi.advanceTimersByTimeAsync(0)
    subject.poll.mockReset().mockImplementation(async () => {
      await new Promise(resolve => setTimeout(resolve, 1_500))
      throw away
    })
    const looksFor = async (asks: boolean) => {
      const before = subject.poll.mock.calls.length
      for (let second = 0; second < 60; second++) {
        if (asks) looks.asked('again', true)
        await vi.advanceTimersByTimeAsync(1_000)
      }
      return subject.poll.mock.calls.length - before
    }
    await looksFor(false)
    const unasked = await looksFor(false)
    expect(unasked).toBeGreaterThan(3)
    // The first question is one more, after which it backs off anew.
    expect(await looksFor(true)).toBeLessThan(unasked + 4)
    expect(await looksFor(true)).toBeLessThanOrEqual(unasked + 1)

    seat.publish.mockClear()
    subject.poll.mockReset().mockResolvedValue('seen')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(seat.publish.mock.calls[0]?.[3]).toEqual(['again'])
    expect(seat.publish.mock.calls.slice(1).every(([, , , answers]) => answers.length === 0)).toBe(true)
    looks.stop()
  })

  it('answers who wants a new look by one that begins afterwards, whoever is answered from the last one meanwhile', async () => {
    const { subject, seat, looks } = begin()
    looks.assume('leads', 1)
    await vi.advanceTimersByTimeAsync(0)
    seat.publish.mockClear()
    subject.poll.mockImplementation(async () => {
      await new Promise(resolve => setTimeout(resolve, 300))
      return 'newer'
    })
    looks.now()
    looks.asked('new', true)
    looks.asked('any', false)
    expect(seat.publish.mock.calls.map(([, text, , answers]) => [text, answers])).toEqual([['"seen"', ['any']]])
    await vi.advanceTimersByTimeAsync(300)
    // This one was under way before it was asked.
    expect(seat.publish.mock.lastCall?.[3]).toEqual([])
    await vi.advanceTimersByTimeAsync(300)
    expect(seat.publish.mock.lastCall?.[3]).toEqual(['new'])
    looks.stop()
  })
})

describe('one who hears less than it knows', () => {
  const hearing = async (isComplete: boolean) => {
    const all = begin()
    const complete = vi.fn((known: string, heard: string) =>
      heard === 'less' ? Promise.resolve({ state: `${heard} and ${known}`, isComplete }) : null,
    )
    Object.assign(all.subject, { fillGaps: complete })
    all.looks.assume('follows', 0)
    await vi.advanceTimersByTimeAsync(0)
    all.looks.hear({ version: [2, 0], state: 'less', answers: [] })
    await vi.advanceTimersByTimeAsync(0)
    return { ...all, complete }
  }

  it('knows both from then on', async () => {
    const { learner, complete, looks } = await hearing(true)
    expect(learner.state).toBe('less and told')
    looks.hear({ version: [2, 0], answers: [] })
    await vi.advanceTimersByTimeAsync(0)
    expect([complete.mock.calls, learner.touch.mock.calls]).toEqual([[['told', 'less']], [[]]])
    looks.stop()
  })

  it('tries again with what it hears next, where it could not find out', async () => {
    const { learner, complete, seat, looks } = await hearing(false)
    seat.lastSeen = async () => ({ version: [2, 0], state: 'less', ageMs: 0 })
    looks.hear({ version: [2, 0], answers: [] })
    await vi.advanceTimersByTimeAsync(0)
    expect(complete.mock.calls).toEqual([
      ['told', 'less'],
      ['less and told', 'less'],
    ])
    expect(learner.state).toBe('less and less and told')
    looks.stop()
  })
})
