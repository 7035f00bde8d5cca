import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LooksOptions } from '../../../src/live/replication/replicatedPoller.ts'
import type { Subject } from '../../../src/live/pollSource.ts'
import { Watch } from '../../../src/live/watch.ts'
import { Cancellation } from '../../../src/restcomm/cancellation.ts'

const OPTIONS = { intervalMs: 1_000, graceMs: 5_000, queueLimit: 10, upstreamError: () => null }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

interface Findings {
  readonly events: readonly string[]
  readonly isOver: boolean
}

/** A subject whose looks do as they are told, and are counted. */
class Told implements Subject<Findings, string> {
  polls = 0
  next: () => Findings = () => ({ events: [], isOver: false })

  async look(): Promise<Findings> {
    this.polls++
    return this.next()
  }
  difference(_before: Findings, { events }: Findings) {
    return events
  }
  isOver({ isOver }: Findings) {
    return isOver
  }
  greeting() {
    return ['hello']
  }
  resync() {
    return ['again']
  }
  isLasting(error: unknown) {
    return error instanceof RangeError
  }
  revive() {
    return null
  }
}

const begin = () => {
  const subject = new Told()
  const onEnd = vi.fn()
  const watch = new Watch(subject, new Cancellation(), OPTIONS, onEnd)
  return { subject, watch, onEnd }
}
const fail = (error: Error) => () => {
  throw error
}

it('leaves no timer behind when the last subscriber goes', async () => {
  const { subject, watch, onEnd } = begin()
  const [one, two] = await Promise.all([watch.subscribe(), watch.subscribe()])
  await vi.advanceTimersByTimeAsync(4_000)
  expect(subject.polls).toBeGreaterThan(2)
  await one.return()
  expect(onEnd).not.toHaveBeenCalled()
  await two.return()
  expect(onEnd).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
  const { polls } = subject
  await vi.advanceTimersByTimeAsync(60_000)
  expect(subject.polls).toBe(polls)
})

it('leaves no timer behind when the last subscriber goes while a poll is under way', async () => {
  const { subject, watch } = begin()
  const channel = await watch.subscribe()
  await vi.advanceTimersByTimeAsync(1_500)
  watch.nudge()
  await channel.return()
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(0)
  const { polls } = subject
  await vi.advanceTimersByTimeAsync(60_000)
  expect(subject.polls).toBe(polls)
})

it('gives up what is read for nobody, and tells no other replica of it', async () => {
  const subject = new Told()
  const cancellation = new Cancellation()
  const said = { publish: vi.fn(), publishError: vi.fn(), sayAttempt: vi.fn(), ask: vi.fn() }
  const seat = { ...said, lastSeen: async () => null, leave: vi.fn() }
  const leading: LooksOptions<Findings>['join'] = member => {
    void Promise.resolve().then(() => member.assume('leads', 1))
    return seat
  }
  const watch = new Watch(subject, cancellation, { ...OPTIONS, graceMs: 0 }, vi.fn(), leading)
  const channel = await watch.subscribe()
  subject.look = () => new Promise((_resolve, reject) => cancellation.add(() => reject(cancellation.reason)))
  await vi.advanceTimersByTimeAsync(1_500)
  expect(cancellation.isCancelled).toBe(false)
  await channel.return()
  await vi.advanceTimersByTimeAsync(0)
  expect([cancellation.isCancelled, seat.leave.mock.calls.length]).toEqual([true, 1])
  expect([seat.publishError.mock.calls, seat.sayAttempt.mock.calls]).toEqual([[], []])
  expect(vi.getTimerCount()).toBe(0)
})

it('lets whoever goes before it has begun go at once, and ends with the last of them', async () => {
  const subject = new Told()
  subject.next = fail(new Error('away'))
  const onEnd = vi.fn()
  const watch = new Watch(subject, new Cancellation(), OPTIONS, onEnd)
  const [first, last] = [new Cancellation(), new Cancellation()]
  const waiting = [watch.subscribe(first), watch.subscribe(last)].map(subscribed =>
    expect(subscribed).rejects.toBe('gone'),
  )
  first.cancel('gone')
  await waiting[0]
  expect([watch.subscribers, onEnd.mock.calls.length]).toEqual([1, 0])
  last.cancel('gone')
  await waiting[1]
  expect([watch.subscribers, onEnd.mock.calls.length, vi.getTimerCount()]).toEqual([0, 1, 0])
})

it('goes on reading for whoever has not read all when its subject is over', async () => {
  const subject = new Told()
  const cancellation = new Cancellation()
  const onEnd = vi.fn()
  const watch = new Watch(subject, cancellation, OPTIONS, onEnd)
  const channel = await watch.subscribe()
  subject.next = () => ({ events: ['the end'], isOver: true })
  await vi.advanceTimersByTimeAsync(1_500)
  expect([onEnd.mock.calls.length, cancellation.isCancelled]).toEqual([1, false])
  expect(await channel.next()).toEqual({ done: false, value: 'hello' })
})

it('greets whoever comes, also late, and then tells all of them the same', async () => {
  const { subject, watch } = begin()
  const one = await watch.subscribe()
  subject.next = () => ({ events: ['a'], isOver: false })
  // The first look found nothing, so the second is a quarter later, give or take a tenth.
  await vi.advanceTimersByTimeAsync(1_500)
  subject.next = () => ({ events: ['b'], isOver: false })
  const two = await watch.subscribe()
  await vi.advanceTimersByTimeAsync(1_200)
  const read = async (channel: typeof one) => (await channel.next()).value
  expect([await read(one), await read(one), await read(one)]).toEqual(['hello', 'a', 'b'])
  expect([await read(two), await read(two)]).toEqual(['hello', 'b'])
  watch.end()
})

it('looks less often while nothing happens, and often again as soon as something does', async () => {
  const { subject, watch } = begin()
  await watch.subscribe()
  await vi.advanceTimersByTimeAsync(60_000)
  const quiet = subject.polls
  expect(quiet).toBeGreaterThan(13)
  expect(quiet).toBeLessThan(25)
  subject.next = () => ({ events: ['a'], isOver: false })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(subject.polls - quiet).toBeGreaterThan(45)
  watch.end()
})

it('completes with its subject, after the last event', async () => {
  const { subject, watch, onEnd } = begin()
  const channel = await watch.subscribe()
  subject.next = () => ({ events: ['the end'], isOver: true })
  await vi.advanceTimersByTimeAsync(1_500)
  const seen: unknown[] = []
  for await (const event of channel) seen.push(event)
  expect(seen).toEqual(['hello', 'the end'])
  expect(onEnd).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})

describe('failures', () => {
  const failure = new Error('away')

  it('are told once after the grace period, polls back off meanwhile, and it recovers by itself', async () => {
    const { subject, watch } = begin()
    const channel = await watch.subscribe()
    await channel.next()
    subject.next = fail(failure)
    await vi.advanceTimersByTimeAsync(4_500)
    let told: unknown = null
    const waiting = channel.next().then(({ value }) => {
      told = value
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toBeNull()
    const { polls } = subject
    await vi.advanceTimersByTimeAsync(20_000)
    await waiting
    expect(told).toBe(failure)
    expect(subject.polls - polls).toBeLessThan(6)
    const back = ['back']
    subject.next = () => ({ events: back.splice(0), isOver: false })
    await vi.advanceTimersByTimeAsync(40_000)
    expect((await channel.next()).value).toBe('back')
    watch.end()
  })

  it('that last are told at once, and end it', async () => {
    const { subject, watch, onEnd } = begin()
    const channel = await watch.subscribe()
    await channel.next()
    const lasting = new RangeError('refused')
    subject.next = fail(lasting)
    await vi.advanceTimersByTimeAsync(1_500)
    expect(await channel.next()).toEqual({ done: false, value: lasting })
    expect((await channel.next()).done).toBe(true)
    expect(onEnd).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('of the beginning are those of whoever waits for it', async () => {
    const subject = new Told()
    subject.next = fail(new RangeError('refused'))
    const onEnd = vi.fn()
    const watch = new Watch(subject, new Cancellation(), OPTIONS, onEnd)
    await expect(watch.subscribe()).rejects.toThrow('refused')
    await vi.advanceTimersByTimeAsync(0)
    expect(onEnd).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)

    const slow = new Told()
    slow.next = fail(failure)
    const patient = new Watch(slow, new Cancellation(), OPTIONS, onEnd)
    const waiting = expect(patient.subscribe()).rejects.toThrow('away')
    await vi.advanceTimersByTimeAsync(10_000)
    await waiting
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('drops the backlog of a slow reader for one look at how things are', async () => {
  const { subject, watch } = begin()
  const channel = await watch.subscribe()
  subject.next = () => ({ events: ['x', 'y', 'z'], isOver: false })
  await vi.advanceTimersByTimeAsync(60_000)
  expect((await channel.next()).value).toBe('again')
  watch.end()
})
