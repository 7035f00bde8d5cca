import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PollSource } from '../../../src/live/pollSource.ts'
import type { Member } from '../../../src/live/replicaExchange.ts'
import { SharedWatch } from '../../../src/live/sharedWatch.ts'
import { CancellationToken } from '../../../src/restcomm/cancellationToken.ts'
import { RestcommError } from '../../../src/restcomm/errors.ts'

const OPTIONS = { intervalMs: 1_000, graceMs: 5_000, maxQueuedEvents: 10 }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

interface FakeState {
  readonly events: readonly string[]
  readonly isFinished: boolean
}

/** Source with scripted poll results; counts polls. */
class FakeSource implements PollSource<FakeState, string> {
  polls = 0
  next: () => FakeState = () => ({ events: [], isFinished: false })

  async poll(): Promise<FakeState> {
    this.polls++
    return this.next()
  }
  diff(_before: FakeState, { events }: FakeState) {
    return events
  }
  isFinished({ isFinished }: FakeState) {
    return isFinished
  }
  snapshot() {
    return 'snapshot'
  }
  complete(_known: FakeState | null, received: FakeState) {
    return received
  }
  accepts(_state: unknown): _state is FakeState {
    return true
  }
}

function createWatch() {
  const source = new FakeSource()
  const onClose = vi.fn()
  const watch = new SharedWatch(() => source, OPTIONS, onClose)
  return { source, watch, onClose }
}
function fail(error: Error) {
  return () => {
    throw error
  }
}

it('SharedWatch leaves no timer behind after the last subscriber has left', async () => {
  const { source, watch, onClose } = createWatch()
  const [one, two] = await Promise.all([watch.subscribe(), watch.subscribe()])
  await vi.advanceTimersByTimeAsync(4_000)
  expect(source.polls).toBeGreaterThan(2)
  await one.return()
  expect(onClose).not.toHaveBeenCalled()
  await two.return()
  expect(onClose).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
  const { polls } = source
  await vi.advanceTimersByTimeAsync(60_000)
  expect(source.polls).toBe(polls)
})

it('SharedWatch leaves no timer behind if the last subscriber leaves during a poll', async () => {
  const { source, watch } = createWatch()
  const queue = await watch.subscribe()
  await vi.advanceTimersByTimeAsync(1_500)
  watch.pollNow()
  await queue.return()
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(0)
  const { polls } = source
  await vi.advanceTimersByTimeAsync(60_000)
  expect(source.polls).toBe(polls)
})

it('SharedWatch cancels the poll when the last subscriber leaves, without a failure for other replicas', async () => {
  const source = new FakeSource()
  const membership = {
    time: () => 0,
    publish: async () => 1,
    readStored: async () => null,
    requestPoll: async () => null,
    releaseLease: vi.fn(),
    leave: vi.fn(),
  }
  const joinAsLeader = (member: Member) => {
    void Promise.resolve().then(() => member.onLease('held'))
    return membership
  }
  let cancellation = new CancellationToken()
  const createSource = (given: CancellationToken) => {
    cancellation = given
    return source
  }
  const watch = new SharedWatch(createSource, { ...OPTIONS, graceMs: 0 }, vi.fn(), joinAsLeader)
  const queue = await watch.subscribe()
  source.poll = () => new Promise((_resolve, reject) => cancellation.add(() => reject(cancellation.reason)))
  await vi.advanceTimersByTimeAsync(1_500)
  expect(cancellation.isCancelled).toBe(false)
  await queue.return()
  await vi.advanceTimersByTimeAsync(0)
  expect([cancellation.isCancelled, membership.leave.mock.calls.length]).toEqual([true, 1])
  expect(membership.releaseLease).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

it('SharedWatch cancels requests without an error of Restcomm, which would count as an outage', async () => {
  const source = new FakeSource()
  let cancellation = new CancellationToken()
  const createSource = (given: CancellationToken) => {
    cancellation = given
    return source
  }
  source.next = fail(new RestcommError('unavailable', 'Restcomm is unavailable.'))
  const watch = new SharedWatch(createSource, { ...OPTIONS, graceMs: 0 }, vi.fn())
  await expect(watch.subscribe()).rejects.toThrow('Restcomm is unavailable.')
  expect(cancellation.isCancelled).toBe(true)
  expect(cancellation.reason).not.toBeInstanceOf(RestcommError)
})

it('SharedWatch lets subscribers leave before the first successful poll, and closes after the last subscriber', async () => {
  const source = new FakeSource()
  source.next = fail(new Error('unavailable'))
  const onClose = vi.fn()
  const watch = new SharedWatch(() => source, OPTIONS, onClose)
  const [first, last] = [new CancellationToken(), new CancellationToken()]
  const waiting = [watch.subscribe(first), watch.subscribe(last)].map(subscribed =>
    expect(subscribed).rejects.toBe('left'),
  )
  first.cancel('left')
  await waiting[0]
  expect([watch.subscribers, onClose.mock.calls.length]).toEqual([1, 0])
  last.cancel('left')
  await waiting[1]
  expect([watch.subscribers, onClose.mock.calls.length, vi.getTimerCount()]).toEqual([0, 1, 0])
})

it('SharedWatch keeps the requests of the source for unread events after the end of the resource', async () => {
  const source = new FakeSource()
  let cancellation = new CancellationToken()
  const onClose = vi.fn()
  const createSource = (given: CancellationToken) => {
    cancellation = given
    return source
  }
  const watch = new SharedWatch(createSource, OPTIONS, onClose)
  const queue = await watch.subscribe()
  source.next = () => ({ events: ['final event'], isFinished: true })
  await vi.advanceTimersByTimeAsync(1_500)
  expect([onClose.mock.calls.length, cancellation.isCancelled]).toEqual([1, false])
  expect(await queue.next()).toEqual({ done: false, value: 'snapshot' })
})

it('SharedWatch sends a snapshot to each subscriber, then the same events to all subscribers', async () => {
  const { source, watch } = createWatch()
  const one = await watch.subscribe()
  source.next = () => ({ events: ['a'], isFinished: false })
  // The first poll found no change, so the second follows after 1.25 intervals, plus or minus 10 %.
  await vi.advanceTimersByTimeAsync(1_500)
  source.next = () => ({ events: ['b'], isFinished: false })
  const two = await watch.subscribe()
  await vi.advanceTimersByTimeAsync(1_200)
  const read = async (queue: typeof one) => (await queue.next()).value
  expect([await read(one), await read(one), await read(one)]).toEqual(['snapshot', 'a', 'b'])
  expect([await read(two), await read(two)]).toEqual(['snapshot', 'b'])
  watch.close()
})

it('SharedWatch polls less often while nothing changes, and at full rate after a change', async () => {
  const { source, watch } = createWatch()
  await watch.subscribe()
  await vi.advanceTimersByTimeAsync(60_000)
  const pollsWithoutChanges = source.polls
  expect(pollsWithoutChanges).toBeGreaterThan(13)
  expect(pollsWithoutChanges).toBeLessThan(25)
  source.next = () => ({ events: ['a'], isFinished: false })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(source.polls - pollsWithoutChanges).toBeGreaterThan(45)
  watch.close()
})

it('SharedWatch completes the streams after the last event of a finished resource', async () => {
  const { source, watch, onClose } = createWatch()
  const queue = await watch.subscribe()
  source.next = () => ({ events: ['final event'], isFinished: true })
  await vi.advanceTimersByTimeAsync(1_500)
  const seen: unknown[] = []
  for await (const event of queue) seen.push(event)
  expect(seen).toEqual(['snapshot', 'final event'])
  expect(onClose).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})

describe('SharedWatch errors', () => {
  const failure = new Error('unavailable')

  it('SharedWatch reports an error once after the grace period, polls less often, and recovers', async () => {
    const { source, watch } = createWatch()
    const queue = await watch.subscribe()
    await queue.next()
    source.next = fail(failure)
    await vi.advanceTimersByTimeAsync(4_500)
    let reported: unknown = null
    const waiting = queue.next().then(({ value }) => {
      reported = value
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(reported).toBeNull()
    const { polls } = source
    await vi.advanceTimersByTimeAsync(20_000)
    await waiting
    expect(reported).toBe(failure)
    expect(source.polls - polls).toBeLessThan(6)
    const eventsAfterRecovery = ['recovered']
    source.next = () => ({ events: eventsAfterRecovery.splice(0), isFinished: false })
    await vi.advanceTimersByTimeAsync(40_000)
    expect([(await queue.next()).value, (await queue.next()).value]).toEqual(['snapshot', 'recovered'])
    watch.close()
  })

  it('SharedWatch sends a single snapshot after a reported error, also if nothing has changed, and none after a short failure', async () => {
    const { source, watch } = createWatch()
    const received = receive(await watch.subscribe())
    const succeed = source.next
    source.next = fail(failure)
    await vi.advanceTimersByTimeAsync(2_000)
    source.next = succeed
    await vi.advanceTimersByTimeAsync(20_000)
    expect(received).toEqual(['snapshot'])
    source.next = fail(failure)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(received).toEqual(['snapshot', failure])
    source.next = succeed
    await vi.advanceTimersByTimeAsync(40_000)
    expect(received).toEqual(['snapshot', failure, 'snapshot'])
    watch.close()
  })

  /** Reads until the end of the stream. */
  function receive(queue: AsyncIterable<unknown>): readonly unknown[] {
    const received: unknown[] = []
    void (async () => {
      for await (const item of queue) received.push(item)
    })()
    return received
  }

  it('SharedWatch reports a second outage as well, after a grace period of its own', async () => {
    const { source, watch } = createWatch()
    const received = receive(await watch.subscribe())
    const outages = [new Error('first outage'), new Error('second outage')]
    const expected: unknown[] = ['snapshot']
    for (const outage of outages) {
      source.next = fail(outage)
      await vi.advanceTimersByTimeAsync(OPTIONS.graceMs)
      expect(received).toEqual(expected)
      await vi.advanceTimersByTimeAsync(20_000)
      expect(received).toEqual([...expected, outage])
      source.next = () => ({ events: [], isFinished: false })
      await vi.advanceTimersByTimeAsync(20_000)
      expected.push(outage, 'snapshot')
    }
    expect(received).toEqual(expected)
    watch.close()
  })

  it('SharedWatch sends the reported error to subscribers who arrive before the recovery, after the snapshot', async () => {
    const { source, watch } = createWatch()
    await watch.subscribe()
    source.next = fail(failure)
    await vi.advanceTimersByTimeAsync(20_000)
    const subscribed = watch.subscribe()
    await vi.advanceTimersByTimeAsync(0)
    const received = receive(await subscribed)
    await vi.advanceTimersByTimeAsync(0)
    expect(received).toEqual(['snapshot', failure])
    watch.close()
  })

  it('SharedWatch reports a permanent error immediately and closes', async () => {
    const { source, watch, onClose } = createWatch()
    const queue = await watch.subscribe()
    await queue.next()
    const permanent = new RestcommError('forbidden', 'rejected')
    source.next = fail(permanent)
    await vi.advanceTimersByTimeAsync(1_500)
    expect(await queue.next()).toEqual({ done: false, value: permanent })
    expect((await queue.next()).done).toBe(true)
    expect(onClose).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('SharedWatch rejects the waiting subscribers with the error of the first poll', async () => {
    const source = new FakeSource()
    source.next = fail(new RestcommError('forbidden', 'rejected'))
    const onClose = vi.fn()
    const watch = new SharedWatch(() => source, OPTIONS, onClose)
    await expect(watch.subscribe()).rejects.toThrow('rejected')
    await vi.advanceTimersByTimeAsync(0)
    expect(onClose).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)

    const failing = new FakeSource()
    failing.next = fail(failure)
    const waitingWatch = new SharedWatch(() => failing, OPTIONS, onClose)
    const waiting = expect(waitingWatch.subscribe()).rejects.toThrow('unavailable')
    await vi.advanceTimersByTimeAsync(10_000)
    await waiting
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('SharedWatch replaces the backlog of a slow reader with a snapshot', async () => {
  const { source, watch } = createWatch()
  const queue = await watch.subscribe()
  source.next = () => ({ events: ['x', 'y', 'z'], isFinished: false })
  await vi.advanceTimersByTimeAsync(60_000)
  expect((await queue.next()).value).toBe('snapshot')
  watch.close()
})

describe('the observer of a watch', () => {
  function createObservedWatch(firstPoll?: FakeSource['next']) {
    const source = new FakeSource()
    if (firstPoll !== undefined) source.next = firstPoll
    const calls: string[] = []
    const observer = {
      failing: ({ message }: Error) => calls.push(`failing: ${message}`),
      recovered: (milliseconds: number) => calls.push(`recovered after ${milliseconds >= OPTIONS.graceMs}`),
      ended: ({ message }: Error) => calls.push(`ended: ${message}`),
    }
    return { source, calls, watch: new SharedWatch(() => source, OPTIONS, vi.fn(), null, observer) }
  }

  it('SharedWatch reports an outage longer than the grace period once, and the recovery', async () => {
    const { source, calls, watch } = createObservedWatch()
    const queue = await watch.subscribe()
    const { next } = source
    source.next = fail(new RestcommError('unavailable', 'Down.'))
    await vi.advanceTimersByTimeAsync(2_000)
    source.next = next
    await vi.advanceTimersByTimeAsync(20_000)
    expect(calls).toEqual([])
    source.next = fail(new RestcommError('unavailable', 'Down.'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(calls).toEqual(['failing: Down.'])
    source.next = next
    await vi.advanceTimersByTimeAsync(20_000)
    expect(calls).toEqual(['failing: Down.', 'recovered after true'])
    await queue.return()
  })

  it('SharedWatch reports the end of streams by a permanent error, but not a failed start', async () => {
    const { source, calls, watch } = createObservedWatch()
    await watch.subscribe()
    source.next = fail(new RestcommError('forbidden', 'No access.'))
    await vi.advanceTimersByTimeAsync(20_000)
    expect(calls).toEqual(['ended: No access.'])
    const started = createObservedWatch(fail(new RestcommError('forbidden', 'No access.')))
    await expect(started.watch.subscribe()).rejects.toThrow('No access.')
    expect(started.calls).toEqual([])
  })
})
