import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CancellationToken } from '../../../../src/restcomm/cancellationToken.ts'
import { SingleFlight } from '../../../../src/restcomm/http/singleFlight.ts'
import { collectGarbage } from '../../../support/heap.ts'

/** Records requests; each test settles the requests by hand. */
const fakeUpstream = () => {
  const sent: {
    key: string
    cancellation: CancellationToken
    resolve: (response: string) => void
    reject: (e: Error) => void
  }[] = []
  const send = (key: string) => (cancellation: CancellationToken) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    sent.push({ key, cancellation, resolve, reject })
    return promise
  }
  return { sent, send }
}
const noop = () => undefined

describe('SingleFlight', () => {
  it('SingleFlight sends concurrent equal requests once, and shares the response', async () => {
    const singleFlight = new SingleFlight<string>()
    const { sent, send } = fakeUpstream()
    let deduplicated = 0
    const responses = ['a', 'a', 'b'].map(key => singleFlight.run(key, undefined, send(key), () => deduplicated++))
    expect([sent.map(({ key }) => key), deduplicated]).toEqual([['a', 'b'], 1])
    for (const { key, resolve } of sent) resolve(`response ${key}`)
    expect(await Promise.all(responses)).toEqual(['response a', 'response a', 'response b'])
    expect(singleFlight.size).toBe(0)
  })

  it('the deadline of a shared request is the latest deadline of its callers', () => {
    const singleFlight = new SingleFlight<string>()
    const { sent, send } = fakeUpstream()
    const tokenWith = (deadline: number) => Object.assign(new CancellationToken(), { deadline })
    const deadlines = [2_000, 1_000, 3_000].map(deadline => {
      void singleFlight.run('a', tokenWith(deadline), send('a'), noop)
      return sent[0]?.cancellation.deadline
    })
    expect(deadlines).toEqual([2_000, 2_000, 3_000])
    void singleFlight.run('a', undefined, send('a'), noop)
    expect(sent[0]?.cancellation.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  it('SingleFlight shares an error, and sends the next equal request again', async () => {
    const singleFlight = new SingleFlight<string>()
    const { sent, send } = fakeUpstream()
    const responses = [1, 2].map(() => singleFlight.run('a', new CancellationToken(), send('a'), noop))
    sent[0]?.reject(new Error('failed'))
    for (const response of responses) await expect(response).rejects.toThrow('failed')
    void singleFlight.run('a', undefined, send('a'), noop)
    expect(sent).toHaveLength(2)
  })

  it('SingleFlight does not share a request that was sent before the invalidation', async () => {
    const singleFlight = new SingleFlight<string>()
    const { sent, send } = fakeUpstream()
    const before = singleFlight.run('a', undefined, send('a'), noop)
    singleFlight.invalidate()
    const after = singleFlight.run('a', undefined, send('a'), noop)
    sent[0]?.resolve('old')
    sent[1]?.resolve('new')
    expect([await before, await after]).toEqual(['old', 'new'])
    expect(singleFlight.size).toBe(0)
  })

  it('SingleFlight still shares a newer equal request after a request from before the invalidation was answered', async () => {
    const singleFlight = new SingleFlight<string>()
    const { sent, send } = fakeUpstream()
    const before = singleFlight.run('a', undefined, send('a'), noop)
    singleFlight.invalidate()
    const after = singleFlight.run('a', undefined, send('a'), noop)
    sent[0]?.resolve('old')
    await before
    const joined = singleFlight.run('a', undefined, send('a'), noop)
    sent[1]?.resolve('new')
    expect([await after, await joined, sent.length]).toEqual(['new', 'new', 2])
  })

  it('SingleFlight keeps a newer equal request when a request whose sending threw is cancelled', async () => {
    const singleFlight = new SingleFlight<string>()
    const { send } = fakeUpstream()
    const cancellation = new CancellationToken()
    const throwing = () => {
      throw new Error('broken')
    }
    await expect(singleFlight.run('a', cancellation, throwing, noop)).rejects.toThrow('broken')
    void singleFlight.run('a', undefined, send('a'), noop)
    cancellation.cancel(new Error('gone'))
    expect(singleFlight.size).toBe(1)
  })

  it('SingleFlight cancels the shared request only when all waiters have cancelled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), async cancels => {
        const singleFlight = new SingleFlight<string>()
        const { sent, send } = fakeUpstream()
        const waiters = cancels.map(isCancelled => {
          const cancellation = new CancellationToken()
          return { isCancelled, cancellation, response: singleFlight.run('a', cancellation, send('a'), noop) }
        })
        const outcomes = Promise.allSettled(waiters.map(({ response }) => response))
        for (const { isCancelled, cancellation } of waiters) if (isCancelled) cancellation.cancel(new Error('gone'))
        const allCancelled = cancels.every(Boolean)
        expect(sent).toHaveLength(1)
        expect(sent[0]?.cancellation.isCancelled).toBe(allCancelled)
        expect(singleFlight.size).toBe(allCancelled ? 0 : 1)
        if (allCancelled) sent[0]?.reject(new Error('aborted'))
        else sent[0]?.resolve('response')
        expect((await outcomes).map(({ status }) => status)).toEqual(
          cancels.map(isCancelled => (isCancelled ? 'rejected' : 'fulfilled')),
        )
      }),
    )
  })

  it('SingleFlight rejects a request that is cancelled while the request is being sent', async () => {
    const singleFlight = new SingleFlight<string>()
    const { sent, send } = fakeUpstream()
    const cancellation = new CancellationToken()
    const response = singleFlight.run(
      'a',
      cancellation,
      shared => {
        cancellation.cancel(new Error('gone'))
        return send('a')(shared)
      },
      noop,
    )
    await expect(response).rejects.toThrow('gone')
    expect([sent[0]?.cancellation.isCancelled, singleFlight.size]).toEqual([true, 0])
  })

  it('SingleFlight frees the memory of a cancelled waiter while the shared request continues', async () => {
    const singleFlight = new SingleFlight<string>()
    const { sent, send } = fakeUpstream()
    const remaining = singleFlight.run('a', new CancellationToken(), send('a'), noop)
    const cancelWaiter = () => {
      const cancellation = new CancellationToken()
      const response = singleFlight.run('a', cancellation, send('a'), noop)
      response.catch(noop)
      cancellation.cancel(new Error('gone'))
      return new WeakRef(response)
    }
    const cancelled = cancelWaiter()
    await new Promise(setImmediate)
    collectGarbage()
    expect(cancelled.deref()).toBeUndefined()
    sent[0]?.resolve('response')
    expect(await remaining).toBe('response')
  })

  it('SingleFlight frees a response, and no longer cancels the request, while the client continues', async () => {
    const singleFlight = new SingleFlight<object>()
    const cancellation = new CancellationToken()
    const shared: CancellationToken[] = []
    const receiveResponse = async () => {
      const send = async (token: CancellationToken) => {
        shared.push(token)
        return { rows: [] }
      }
      return new WeakRef(await singleFlight.run('a', cancellation, send, noop))
    }
    const response = await receiveResponse()
    await new Promise(setImmediate)
    collectGarbage()
    expect(response.deref()).toBeUndefined()
    cancellation.cancel(new Error('gone'))
    expect(shared[0]?.isCancelled).toBe(false)
  })
})
