import { describe, expect, it } from 'vitest'
import { Cancellation, unlessCancelled } from '../../../src/restcomm/cancellation.ts'
import type { Place } from '../../../src/restcomm/linkedQueue.ts'

describe('a cancellation', () => {
  it('tells each listener once, and none that has been taken off', () => {
    const cancellation = new Cancellation()
    const told: string[] = []
    const listeners = ['a', 'b', 'c'].map(name => () => void told.push(name))
    const places = listeners.map(listener => cancellation.add(listener))
    for (const place of places.slice(1, 2)) cancellation.delete(place)
    const reason = new Error('gone')
    cancellation.cancel(reason)
    cancellation.cancel(new Error('gone again'))
    expect([told, cancellation.isCancelled, cancellation.reason]).toEqual([['a', 'c'], true, reason])
  })

  it('lets a listener take off another while it is told, and adds none afterwards', () => {
    const cancellation = new Cancellation()
    const told: string[] = []
    const later = () => void told.push('later')
    let place: Place | null = null
    cancellation.add(() => cancellation.delete(place))
    place = cancellation.add(later)
    cancellation.add(() => cancellation.add(later))
    cancellation.cancel('over')
    expect(told).toEqual([])
  })

  it('tells the others as well where one of them throws', () => {
    const cancellation = new Cancellation()
    const told: string[] = []
    const failing = (name: string) => () => {
      told.push(name)
      throw new Error(name)
    }
    for (const name of ['a', 'b']) cancellation.add(failing(name))
    cancellation.add(() => void told.push('c'))
    expect(() => cancellation.cancel('over')).toThrow(Error)
    expect(told).toEqual(['a', 'b', 'c'])
  })

  it('ends waiting for what goes on, be it that it was cancelled before', async () => {
    const cancellation = new Cancellation()
    const { promise: work, reject } = Promise.withResolvers<string>()
    const waiting = unlessCancelled(work, cancellation)
    expect(await unlessCancelled(Promise.resolve('done'), cancellation)).toBe('done')
    cancellation.cancel('why')
    await expect(waiting).rejects.toBe('why')
    await expect(unlessCancelled(work, cancellation)).rejects.toBe('why')
    // What comes of it is nobody's business any more, and so no rejection that nobody handles.
    reject(new Error('failed'))
    await expect(unlessCancelled(work, undefined)).rejects.toThrow('failed')
  })
})
