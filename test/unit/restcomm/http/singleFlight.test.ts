import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cancellation } from '../../../../src/restcomm/cancellation.ts'
import { Flights } from '../../../../src/restcomm/http/singleFlight.ts'

/** Requests whose answers are given when the test says so. */
const upstream = () => {
  const begun: {
    key: string
    cancellation: Cancellation
    resolve: (answer: string) => void
    reject: (e: Error) => void
  }[] = []
  const begin = (key: string) => (cancellation: Cancellation) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    begun.push({ key, cancellation, resolve, reject })
    return promise
  }
  return { begun, begin }
}
const nothing = () => undefined

describe('equal requests under way', () => {
  it('are one, and share its answer', async () => {
    const flights = new Flights<string>()
    const { begun, begin } = upstream()
    let joined = 0
    const answers = ['a', 'a', 'b'].map(key => flights.join(key, undefined, begin(key), () => joined++))
    expect([begun.map(({ key }) => key), joined]).toEqual([['a', 'b'], 1])
    for (const { key, resolve } of begun) resolve(`answer ${key}`)
    expect(await Promise.all(answers)).toEqual(['answer a', 'answer a', 'answer b'])
    expect(flights.size).toBe(0)
  })

  it('share its failure, and the next one is begun anew', async () => {
    const flights = new Flights<string>()
    const { begun, begin } = upstream()
    const answers = [1, 2].map(() => flights.join('a', new Cancellation(), begin('a'), nothing))
    begun[0]?.reject(new Error('failed'))
    for (const answer of answers) await expect(answer).rejects.toThrow('failed')
    void flights.join('a', undefined, begin('a'), nothing)
    expect(begun).toHaveLength(2)
  })

  it('do not share what was begun before something was changed', async () => {
    const flights = new Flights<string>()
    const { begun, begin } = upstream()
    const before = flights.join('a', undefined, begin('a'), nothing)
    flights.forget()
    const after = flights.join('a', undefined, begin('a'), nothing)
    begun[0]?.resolve('old')
    begun[1]?.resolve('new')
    expect([await before, await after]).toEqual(['old', 'new'])
    expect(flights.size).toBe(0)
  })

  it('that cannot even begin take nobody away who does', async () => {
    const flights = new Flights<string>()
    const { begin } = upstream()
    const patience = new Cancellation()
    const broken = () => {
      throw new Error('broken')
    }
    await expect(flights.join('a', patience, broken, nothing)).rejects.toThrow('broken')
    void flights.join('a', undefined, begin('a'), nothing)
    patience.cancel(new Error('gone'))
    expect(flights.size).toBe(1)
  })

  it('leave one by one: whoever stays is answered, and the last to leave ends it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), async leaving => {
        const flights = new Flights<string>()
        const { begun, begin } = upstream()
        const clients = leaving.map(leaves => {
          const patience = new Cancellation()
          return { leaves, patience, answer: flights.join('a', patience, begin('a'), nothing) }
        })
        const outcomes = Promise.allSettled(clients.map(({ answer }) => answer))
        for (const { leaves, patience } of clients) if (leaves) patience.cancel(new Error('left'))
        const allLeft = leaving.every(Boolean)
        expect(begun).toHaveLength(1)
        expect(begun[0]?.cancellation.isCancelled).toBe(allLeft)
        expect(flights.size).toBe(allLeft ? 0 : 1)
        if (allLeft) begun[0]?.reject(new Error('aborted'))
        else begun[0]?.resolve('answer')
        expect((await outcomes).map(({ status }) => status)).toEqual(
          leaving.map(leaves => (leaves ? 'rejected' : 'fulfilled')),
        )
      }),
    )
  })
})
