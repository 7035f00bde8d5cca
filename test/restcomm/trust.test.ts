import { expect, it } from 'vitest'
import { EnvelopeTrust } from '../../src/restcomm/trust.ts'

const [one, other] = [{}, {}]

/** So many reads of two operations at the same time, all of whose envelopes are their own. */
const pass = (trust: EnvelopeTrust, reads: number) => {
  for (let i = 0; i < reads; i++) {
    const [a, b] = [trust.reading(one), trust.reading(other)]
    a.settled(true)
    b.settled(null)
  }
}

it('a server that a single operation reads from is believed', () => {
  const trust = new EnvelopeTrust()
  const [a, b] = [trust.reading(one), trust.reading(one)]
  expect([a.alone, b.alone]).toEqual([true, true])
  expect(trust.needsProof(a.alone)).toBe(false)
})

it('a server that several operations read from at once has to prove what it says, until it has passed its probation', () => {
  const trust = new EnvelopeTrust()
  const [a, b] = [trust.reading(one), trust.reading(other)]
  expect([a.alone, b.alone]).toEqual([false, false])
  expect(trust.needsProof(a.alone)).toBe(true)
  a.settled(true)
  b.settled(true)
  pass(trust, 197)
  expect(trust.needsProof(false)).toBe(true)
  pass(trust, 1)
  expect(trust.needsProof(false)).toBe(false)
})

it('reads that do not overlap are alone', () => {
  const trust = new EnvelopeTrust()
  const first = trust.reading(one)
  first.settled(true)
  expect(trust.reading(other).alone).toBe(true)
  expect(first.alone).toBe(true)
})

it('a server that was caught has to prove what it says to anybody, for a minute, and then to pass its probation anew', () => {
  let now = 0
  const trust = new EnvelopeTrust(() => now)
  pass(trust, 200)
  trust.reading(one).settled(false)
  expect(trust.needsProof(true)).toBe(true)
  now = 59_999
  expect(trust.needsProof(true)).toBe(true)
  now = 60_000
  expect(trust.needsProof(true)).toBe(false)
  expect(trust.needsProof(false)).toBe(true)
})

it('a server whose envelope repeats its request and is wrong all the same is caught as well', () => {
  const trust = new EnvelopeTrust()
  expect(trust.needsProof(true)).toBe(false)
  trust.caught()
  expect(trust.needsProof(true)).toBe(true)
})
