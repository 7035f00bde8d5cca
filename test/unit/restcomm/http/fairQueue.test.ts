import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CancellationToken } from '../../../../src/restcomm/cancellationToken.ts'
import { FairQueue } from '../../../../src/restcomm/http/fairQueue.ts'

/** Acquires slots and records the callers whose requests have started, in order. */
const createRecorder = (queue: FairQueue) => {
  const started: string[] = []
  const errors: unknown[] = []
  const acquire = (id: string, { isAccepted = true, cancellation = new CancellationToken() } = {}) => {
    const slot = queue.acquire(id, isAccepted, cancellation)
    if (slot === null) started.push(id)
    else
      slot.then(
        () => started.push(id),
        error => errors.push(error),
      )
  }
  return { started, errors, acquire }
}
const settled = () => new Promise(setImmediate)
const repeat = (count: number, action: () => void) => {
  for (let i = 0; i < count; i++) action()
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

describe('FairQueue', () => {
  it('FairQueue gives all slots to a single caller, without a promise', () => {
    const queue = new FairQueue(4, 10)
    expect([1, 2, 3, 4].map(() => queue.acquire('a', true))).toEqual([null, null, null, null])
    expect(queue.inFlight).toBe(4)
  })

  it('FairQueue gives a caller at most half of the slots, rounded up, while a second caller was active within 60 s', async () => {
    const queue = new FairQueue(5, 10)
    const { started, acquire } = createRecorder(queue)
    acquire('b')
    queue.release('b')
    repeat(4, () => acquire('a'))
    expect([queue.inFlight, queue.waiting]).toEqual([3, 1])
    acquire('b')
    await settled()
    expect(started).toEqual(['b', 'a', 'a', 'a', 'b'])
    queue.release('b')
    vi.advanceTimersByTime(60_000)
    queue.release('a')
    await settled()
    repeat(3, () => acquire('a'))
    expect([queue.inFlight, queue.waiting]).toEqual([5, 1])
  })

  it('FairQueue serves callers in turn, and the requests of a caller in order', async () => {
    const queue = new FairQueue(1, 20)
    const { started, acquire } = createRecorder(queue)
    repeat(4, () => acquire('a'))
    for (const id of ['b', 'c', 'b']) acquire(id)
    for (const id of ['a', 'a', 'b', 'c', 'a', 'b', 'a']) {
      await settled()
      expect(started.at(-1)).toBe(id)
      queue.release(id)
    }
    expect([queue.inFlight, queue.waiting]).toEqual([0, 0])
  })

  it('FairQueue rejects the newest request of the caller with the most waiting requests if the queue is full', async () => {
    const queue = new FairQueue(1, 4)
    const { errors, acquire } = createRecorder(queue)
    repeat(5, () => acquire('a'))
    repeat(1, () => acquire('a'))
    await settled()
    expect(errors).toMatchObject([{ failure: 'overloaded', retryAfterSeconds: 1 }])
    repeat(2, () => acquire('b'))
    await settled()
    expect([errors.length, queue.waiting]).toEqual([3, 4])
    // Both callers have two waiting requests.
    acquire('b')
    await settled()
    expect([errors.length, queue.waiting]).toEqual([4, 4])
  })

  it('FairQueue rejects a request if the oldest waiting request of the same caller is older than 5 s', async () => {
    const queue = new FairQueue(2, 20)
    const { errors, acquire } = createRecorder(queue)
    repeat(3, () => acquire('a'))
    acquire('b')
    vi.advanceTimersByTime(5_000)
    acquire('a')
    expect(queue.oldestWaitingMs).toBe(5_000)
    vi.advanceTimersByTime(1)
    acquire('a')
    acquire('c')
    await settled()
    expect(errors).toMatchObject([{ failure: 'overloaded', retryAfterSeconds: 1 }])
  })

  it('FairQueue limits callers with unknown credentials to an eighth of the slots together, and to one slot each', async () => {
    const queue = new FairQueue(16, 100)
    const { started, acquire } = createRecorder(queue)
    const isAccepted = false
    for (const id of ['x', 'x', 'y', 'z']) acquire(id, { isAccepted })
    repeat(14, () => acquire('a'))
    await settled()
    expect(started.filter(id => id !== 'a')).toEqual(['x', 'y'])
    expect([queue.inFlight, queue.waiting]).toEqual([16, 2])
    queue.release('x')
    queue.release('y')
    await settled()
    expect(started.slice(-2)).toEqual(['x', 'z'])
  })

  it('FairQueue rejects requests with unknown credentials that waited for 2 s when a slot is free, so that later requests get the slot', async () => {
    const queue = new FairQueue(8, 100)
    const { started, errors, acquire } = createRecorder(queue)
    for (const id of ['x', 'y', 'z']) acquire(id, { isAccepted: false })
    vi.advanceTimersByTime(1_500)
    acquire('valid', { isAccepted: false })
    vi.advanceTimersByTime(501)
    queue.release('x')
    await settled()
    expect([started, queue.waiting]).toEqual([['x', 'valid'], 0])
    expect(errors).toMatchObject([{ failure: 'overloaded', retryAfterSeconds: 1 }, { failure: 'overloaded' }])
  })

  it('FairQueue does not count callers with unknown credentials as active', () => {
    const queue = new FairQueue(16, 100)
    queue.acquire('x', false)
    queue.release('x')
    repeat(16, () => expect(queue.acquire('a', true)).toBeNull())
  })

  it('FairQueue serves the waiting requests of a caller with the normal share as soon as Restcomm accepts the credentials', async () => {
    const queue = new FairQueue(16, 100)
    const { started, acquire } = createRecorder(queue)
    repeat(8, () => acquire('a', { isAccepted: false }))
    expect([queue.inFlight, queue.waiting]).toEqual([1, 7])
    queue.accept('a')
    await settled()
    expect([started.length, queue.inFlight, queue.waiting]).toEqual([8, 8, 0])
  })

  it('FairQueue rejects the waiting requests of a caller whose credentials Restcomm rejects, unless they were accepted before', async () => {
    const queue = new FairQueue(8, 100)
    const { errors, acquire } = createRecorder(queue)
    repeat(4, () => acquire('x', { isAccepted: false }))
    repeat(9, () => acquire('a'))
    const rejected = new Error('rejected')
    queue.rejectUnverified('a', rejected)
    queue.rejectUnverified('x', rejected)
    await settled()
    expect(errors).toEqual([rejected, rejected, rejected])
    expect([queue.inFlight, queue.waiting]).toEqual([8, 2])
  })

  it('FairQueue frees the queue position of a cancelled request', async () => {
    const queue = new FairQueue(1, 1)
    const { started, errors, acquire } = createRecorder(queue)
    const cancellation = new CancellationToken()
    acquire('a')
    acquire('b', { cancellation })
    cancellation.cancel('gone')
    await settled()
    acquire('c')
    acquire('d')
    queue.release('a')
    await settled()
    expect([started, errors]).toEqual([
      ['a', 'c'],
      ['gone', expect.objectContaining({ failure: 'overloaded' })],
    ])
  })

  it('FairQueue keeps its limits and ends empty for any sequence of steps', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'x', 'y', 'z')
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ type: fc.constant('acquire' as const), id }) },
      { weight: 4, arbitrary: fc.record({ type: fc.constant('release' as const), id }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('cancel' as const, 'accept' as const), id }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('wait' as const), id }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 120 }), async (slots, steps) => {
        const queue = new FairQueue(slots, 30)
        const accepted = new Set(['a', 'b', 'c'])
        const running: string[] = []
        const waiting: { readonly id: string; readonly token: CancellationToken }[] = []
        const acquire = async (caller: string) => {
          const token = new CancellationToken()
          const slot = queue.acquire(caller, accepted.has(caller), token)
          if (slot === null) {
            running.push(caller)
            return
          }
          const entry = { id: caller, token }
          waiting.push(entry)
          await slot.then(
            () => running.push(caller),
            () => undefined,
          )
          waiting.splice(waiting.indexOf(entry), 1)
        }
        const release = async (index: number) => {
          const [caller] = running.splice(index, 1)
          if (caller !== undefined) queue.release(caller)
          await settled()
        }
        for (const { type, id: caller } of steps) {
          if (type === 'acquire') void acquire(caller)
          else if (type === 'release') await release(running.indexOf(caller))
          else if (type === 'cancel') waiting.find(entry => entry.id === caller)?.token.cancel('gone')
          else if (type === 'wait') vi.advanceTimersByTime(20_000)
          else if (running.includes(caller)) {
            accepted.add(caller)
            queue.accept(caller)
          }
          await settled()
          expect([queue.inFlight, queue.waiting]).toEqual([running.length, waiting.length])
          expect(running.length).toBeLessThanOrEqual(slots)
          const unknown = running.filter(each => !accepted.has(each))
          expect(unknown.length).toBeLessThanOrEqual(Math.max(1, Math.floor(slots / 8)))
          expect(new Set(unknown).size).toBe(unknown.length)
        }
        while (running.length > 0) await release(0)
        expect([queue.inFlight, queue.waiting, queue.oldestWaitingMs]).toEqual([0, 0, 0])
        expect(waiting).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('FairQueue serves a waiting caller after at most one further request of each other caller', async () => {
    const callers = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 2 })
    await fc.assert(
      fc.asyncProperty(callers, fc.array(fc.nat(5), { maxLength: 60 }), async (ids, arrivals) => {
        const queue = new FairQueue(1, 1_000)
        const { started, acquire } = createRecorder(queue)
        acquire('first')
        for (const arrival of arrivals) acquire(ids[arrival % ids.length] ?? '')
        const total = started.length + queue.waiting
        const counts = new Map<string, number>()
        while (queue.inFlight > 0) {
          queue.release(started.at(-1) ?? '')
          await settled()
        }
        expect(started).toHaveLength(total)
        // In each round, every caller which still waits is served once.
        const rounds: string[][] = []
        for (const id of started.slice(1)) {
          const round = counts.get(id) ?? 0
          counts.set(id, round + 1)
          rounds[round] = [...(rounds[round] ?? []), id]
        }
        expect(rounds.flat()).toEqual(started.slice(1))
      }),
    )
  })
})
