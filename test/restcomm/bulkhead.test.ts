import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../../src/restcomm/bulkhead.ts'

/** Work that lasts until it is told to end. */
const work = () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  return { run: () => promise, done: () => resolve('done') }
}

describe('a bulkhead', () => {
  it('lets so many in, lets so many wait in their order, and refuses others at once', async () => {
    const bulkhead = new Bulkhead(2, 2)
    const order: number[] = []
    const works = Array.from({ length: 4 }, work)
    const runs = works.map(({ run }, i) =>
      bulkhead.run(() => {
        order.push(i)
        return run()
      }),
    )
    await expect(bulkhead.run(async () => 'never')).rejects.toMatchObject({ failure: 'overloaded', retryAfter: 1 })
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
    const running = bulkhead.run(first.run)
    const controller = new AbortController()
    const waiting = bulkhead.run(async () => 'never', controller.signal)
    controller.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    const next = bulkhead.run(async () => 'next')
    first.done()
    expect(await Promise.all([running, next])).toEqual(['done', 'next'])
    expect(bulkhead.inFlight).toBe(0)
  })

  it('is free again after work that fails', async () => {
    const bulkhead = new Bulkhead(1, 0)
    await expect(bulkhead.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await bulkhead.run(async () => 'next')).toBe('next')
  })
})
