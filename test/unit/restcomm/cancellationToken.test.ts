import { describe, expect, it } from 'vitest'
import { CancellationToken, raceCancellation } from '../../../src/restcomm/cancellationToken.ts'

describe('CancellationToken', () => {
  it('CancellationToken calls each listener once, except deleted listeners', () => {
    const cancellation = new CancellationToken()
    const called: string[] = []
    const listeners = ['a', 'b', 'c'].map(name => () => void called.push(name))
    for (const listener of listeners) cancellation.add(listener)
    for (const listener of listeners.slice(1, 2)) cancellation.delete(listener)
    const reason = new Error('gone')
    cancellation.cancel(reason)
    cancellation.cancel(new Error('gone again'))
    expect([called, cancellation.isCancelled, cancellation.reason]).toEqual([['a', 'c'], true, reason])
  })

  it('CancellationToken lets a listener delete a later listener, and calls a listener at once if added after cancellation', () => {
    const cancellation = new CancellationToken()
    const called: string[] = []
    const later = () => void called.push('later')
    cancellation.add(() => cancellation.delete(later))
    cancellation.add(later)
    cancellation.add(() => cancellation.add(later))
    cancellation.cancel('cancelled')
    expect(called).toEqual(['later'])
  })

  it('CancellationToken calls the remaining listeners after a listener throws', () => {
    const cancellation = new CancellationToken()
    const called: string[] = []
    const failing = (name: string) => () => {
      called.push(name)
      throw new Error(name)
    }
    for (const name of ['a', 'b']) cancellation.add(failing(name))
    cancellation.add(() => void called.push('c'))
    expect(() => cancellation.cancel('cancelled')).toThrow(Error)
    expect(called).toEqual(['a', 'b', 'c'])
  })
})

describe('raceCancellation', () => {
  it('raceCancellation rejects with the reason on cancellation, also if cancelled before, while the work continues', async () => {
    const cancellation = new CancellationToken()
    const { promise: work, reject } = Promise.withResolvers<string>()
    const race = raceCancellation(work, cancellation)
    expect(await raceCancellation(Promise.resolve('done'), cancellation)).toBe('done')
    cancellation.cancel('why')
    await expect(race).rejects.toBe('why')
    await expect(raceCancellation(work, cancellation)).rejects.toBe('why')
    // A later rejection of the work must not become an unhandled rejection.
    reject(new Error('failed'))
    await expect(raceCancellation(work, undefined)).rejects.toThrow('failed')
  })
})
