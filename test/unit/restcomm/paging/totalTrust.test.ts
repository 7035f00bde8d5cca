import { expect, it } from 'vitest'
import { type AskedList, EnvelopeTrust } from '../../../../src/restcomm/paging/totalTrust.ts'

const conferences = (query: string, page = '0/1'): AskedList => ({
  noun: 'conferences',
  list: `Accounts/AC1/Conferences?${query}`,
  repeated: `Accounts/AC1/Conferences ${page}`,
})
const one = conferences('Status=COMPLETED')
const other = conferences('Status=FAILED')
const calls: AskedList = { noun: 'calls', list: 'Accounts/AC1/Calls?', repeated: 'Accounts/AC1/Calls 0/1' }

/** So many reads beside another whose envelope would be known for another's; all are their own. */
const pass = (trust: EnvelopeTrust, reads: number) => {
  for (let i = 0; i < reads; i++) {
    const [a, b] = [trust.reading(one), trust.reading(conferences('Status=FAILED', '1/2'))]
    a.settled(true)
    b.settled(null)
  }
}

it('a server that one list is read from is believed', () => {
  const trust = new EnvelopeTrust(false)
  const read = trust.reading(one)
  expect(read.alone).toBe(true)
  expect(trust.needsProof(read.alone)).toBe(false)
})

it('a server that several lists are read from at once has to prove what it says, until it has passed its probation', () => {
  const trust = new EnvelopeTrust(false)
  const [a, b] = [trust.reading(one), trust.reading(conferences('Status=FAILED', '1/2'))]
  expect([a.alone, b.alone]).toEqual([false, false])
  expect(trust.needsProof(a.alone)).toBe(true)
  a.settled(true)
  b.settled(true)
  pass(trust, 197)
  expect(trust.needsProof(false)).toBe(true)
  pass(trust, 1)
  expect(trust.needsProof(false)).toBe(false)
})

it('no probation is passed by envelopes that could not have shown anything', () => {
  const trust = new EnvelopeTrust(false)
  for (let i = 0; i < 500; i++) {
    const [a, b] = [trust.reading(one), trust.reading(other)]
    expect([a.alone, b.alone]).toEqual([false, false])
    a.settled(true)
    b.settled(true)
  }
  expect(trust.needsProof(false)).toBe(true)
})

it('reads that do not overlap are alone', () => {
  const trust = new EnvelopeTrust(false)
  const first = trust.reading(one)
  first.settled(true)
  expect(trust.reading(other).alone).toBe(true)
  expect(first.alone).toBe(true)
})

it('reads of the same list, and of lists that have another envelope, are alone', () => {
  const trust = new EnvelopeTrust(false)
  const reads = [trust.reading(one), trust.reading(conferences('Status=COMPLETED', '1/50')), trust.reading(calls)]
  expect(reads.map(({ alone }) => alone)).toEqual([true, true, true])
})

it('nothing is read alone from a server that other processes read from, until it has passed its probation', () => {
  const trust = new EnvelopeTrust(true)
  const read = trust.reading(one)
  expect(read.alone).toBe(false)
  expect(trust.needsProof(read.alone)).toBe(true)
  read.settled(true)
  pass(trust, 200)
  expect(trust.needsProof(trust.reading(one).alone)).toBe(false)
})

it('a server that was caught has to prove what it says to anybody, for a minute, and then to pass its probation anew', () => {
  let now = 0
  const trust = new EnvelopeTrust(false, () => now)
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
  const trust = new EnvelopeTrust(false)
  expect(trust.needsProof(true)).toBe(false)
  trust.caught()
  expect(trust.needsProof(true)).toBe(true)
})
