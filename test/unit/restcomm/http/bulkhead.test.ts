import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../../../../src/restcomm/http/bulkhead.ts'
import { Cancellation } from '../../../../src/restcomm/cancellation.ts'

/** Work that lasts until it is told to end. */
const work = () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  return { run: () => promise, done: () => resolve('done') }
}

/** Works in a place of the bulkhead. */
const runIn = async <T>(bulkhead: Bulkhead, work: () => Promise<T>, cancellation?: Cancellation): Promise<T> => {
  await bulkhead.enter(cancellation)
  try {
    return await work()
  } finally {
    bulkhead.leave()
  }
}

describe('a bulkhead', () => {
  it('lets so many in, lets so many wait in their order, and refuses others at once', async () => {
    const bulkhead = new Bulkhead(2, 2)
    const order: number[] = []
    const works = Array.from({ length: 4 }, work)
    const runs = works.map(({ run }, i) =>
      runIn(bulkhead, () => {
        order.push(i)
        return run()
      }),
    )
    await expect(runIn(bulkhead, async () => 'never')).rejects.toMatchObject({ failure: 'overloaded', retryAfter: 1 })
    expect([order, bulkhead.inFlight, bulkhead.waiting]).toEqual([[0, 1], 2, 2])
    works[1]?.done()
    await runs[1]
    await new Promise(setImmediate)
    expect([order, bulkhead.inFlight, bulkhead.waiting]).toEqual([[0, 1, 2], 2, 1])
    for (const { done } of works) done()
    expect(await Promise.all(runs)).toEqual(['done', 'done', 'done', 'done'])
    expect([order, bulkhead.inFlight, bulkhead.waiting]).toEqual([[0, 1, 2, 3], 0, 0])
  })

  it('gives the place of one who gives up waiting to another', async () => {
    const bulkhead = new Bulkhead(1, 1)
    const first = work()
    const running = runIn(bulkhead, first.run)
    const cancellation = new Cancellation()
    const waiting = runIn(bulkhead, async () => 'never', cancellation)
    cancellation.cancel(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    const next = runIn(bulkhead, async () => 'next')
    first.done()
    expect(await Promise.all([running, next])).toEqual(['done', 'next'])
    expect(bulkhead.inFlight).toBe(0)
  })

  it('is free again after work that fails', async () => {
    const bulkhead = new Bulkhead(1, 0)
    await expect(runIn(bulkhead, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await runIn(bulkhead, async () => 'next')).toBe('next')
  })
})
