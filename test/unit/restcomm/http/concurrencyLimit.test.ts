import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CancellationToken } from '../../../../src/restcomm/cancellationToken.ts'
import { ConcurrencyLimit } from '../../../../src/restcomm/http/concurrencyLimit.ts'

/** A task that runs until `finish` is called. */
const pendingTask = () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  return { run: () => promise, finish: () => resolve('done') }
}

const runWithin = async <T>(
  limit: ConcurrencyLimit,
  task: () => Promise<T>,
  cancellation?: CancellationToken,
): Promise<T> => {
  await limit.acquire(cancellation)
  try {
    return await task()
  } finally {
    limit.release()
  }
}

describe('ConcurrencyLimit', () => {
  it('ConcurrencyLimit runs tasks up to the limit, queues further tasks in order, and rejects tasks when the queue is full', async () => {
    const limit = new ConcurrencyLimit(2, 2)
    const started: number[] = []
    const tasks = Array.from({ length: 4 }, pendingTask)
    const results = tasks.map(({ run }, i) =>
      runWithin(limit, () => {
        started.push(i)
        return run()
      }),
    )
    await expect(runWithin(limit, async () => 'never')).rejects.toMatchObject({
      failure: 'overloaded',
      retryAfterSeconds: 1,
    })
    expect([started, limit.inFlight, limit.queued]).toEqual([[0, 1], 2, 2])
    tasks[1]?.finish()
    await results[1]
    await new Promise(setImmediate)
    expect([started, limit.inFlight, limit.queued]).toEqual([[0, 1, 2], 2, 1])
    for (const { finish } of tasks) finish()
    expect(await Promise.all(results)).toEqual(['done', 'done', 'done', 'done'])
    expect([started, limit.inFlight, limit.queued]).toEqual([[0, 1, 2, 3], 0, 0])
  })

  it('ConcurrencyLimit frees the queue position of a cancelled task', async () => {
    const limit = new ConcurrencyLimit(1, 1)
    const first = pendingTask()
    const running = runWithin(limit, first.run)
    const cancellation = new CancellationToken()
    const queued = runWithin(limit, async () => 'never', cancellation)
    cancellation.cancel(new Error('gone'))
    await expect(queued).rejects.toThrow('gone')
    const next = runWithin(limit, async () => 'next')
    first.finish()
    expect(await Promise.all([running, next])).toEqual(['done', 'next'])
    expect(limit.inFlight).toBe(0)
  })

  it('ConcurrencyLimit releases the slot of a failed task', async () => {
    const limit = new ConcurrencyLimit(1, 0)
    await expect(runWithin(limit, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await runWithin(limit, async () => 'next')).toBe('next')
  })

  it('ConcurrencyLimit starts queued tasks in order for any sequence of arrivals, cancellations and releases', async () => {
    const step = fc.oneof(fc.constant('acquire' as const), fc.constant('release' as const), fc.nat(20))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
        const limit = new ConcurrencyLimit(1, 100)
        const queue: { readonly id: number; readonly cancellation: CancellationToken }[] = []
        const started: number[] = []
        const expected: number[] = []
        for (const [id, step] of steps.entries()) {
          if (step === 'acquire') {
            const cancellation = new CancellationToken()
            const slot = limit.acquire(cancellation)
            if (slot === null) continue
            queue.push({ id, cancellation })
            slot.then(
              () => started.push(id),
              () => undefined,
            )
          } else if (step === 'release') {
            if (limit.inFlight === 0) continue
            limit.release()
            for (const { id } of queue.splice(0, 1)) expected.push(id)
          } else {
            for (const { cancellation } of queue.splice(step, 1)) cancellation.cancel(new Error('gone'))
          }
          expect(limit.queued).toBe(queue.length)
        }
        await new Promise(setImmediate)
        expect(started).toEqual(expected)
      }),
    )
  })
})
