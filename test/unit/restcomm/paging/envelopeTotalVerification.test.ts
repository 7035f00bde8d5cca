import fc from 'fast-check'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type ListIdentity, TotalVerificationPolicy } from '../../../../src/restcomm/paging/envelope.ts'

const conferences = (query: string, page = '0/1'): ListIdentity => ({
  resource: 'conferences',
  list: `Accounts/AC1/Conferences?${query}`,
  echoed: `Accounts/AC1/Conferences ${page}`,
})
const completed = conferences('Status=COMPLETED')
const failed = conferences('Status=FAILED')
const failedPage1 = conferences('Status=FAILED', '1/2')
const calls: ListIdentity = { resource: 'calls', list: 'Accounts/AC1/Calls?', echoed: 'Accounts/AC1/Calls 0/1' }

/** Settles contended reads with matching envelopes. */
const passProbation = (trust: TotalVerificationPolicy, reads: number) => {
  for (let i = 0; i < reads; i++) {
    const [first, second] = [trust.track(completed), trust.track(failedPage1)]
    trust.settle(first, true)
    trust.settle(second, null)
  }
}

it('TotalVerificationPolicy trusts a server while only a single list is read', () => {
  const trust = new TotalVerificationPolicy(false)
  const read = trust.track(completed)
  expect(read.isExclusive).toBe(true)
  expect(trust.needsVerification(read.isExclusive)).toBe(false)
})

it('TotalVerificationPolicy verifies totals of concurrently read lists until 200 envelopes have matched', () => {
  const trust = new TotalVerificationPolicy(false)
  const [first, second] = [trust.track(completed), trust.track(failedPage1)]
  expect([first.isExclusive, second.isExclusive]).toEqual([false, false])
  expect(trust.needsVerification(first.isExclusive)).toBe(true)
  trust.settle(first, true)
  trust.settle(second, true)
  passProbation(trust, 197)
  expect(trust.needsVerification(false)).toBe(true)
  passProbation(trust, 1)
  expect(trust.needsVerification(false)).toBe(false)
})

it('TotalVerificationPolicy does not count matching envelopes of reads with the same echoed fields', () => {
  const trust = new TotalVerificationPolicy(false)
  for (let i = 0; i < 500; i++) {
    const [first, second] = [trust.track(completed), trust.track(failed)]
    expect([first.isExclusive, second.isExclusive]).toEqual([false, false])
    trust.settle(first, true)
    trust.settle(second, true)
  }
  expect(trust.needsVerification(false)).toBe(true)
})

it('TotalVerificationPolicy treats reads without overlap as exclusive', () => {
  const trust = new TotalVerificationPolicy(false)
  const first = trust.track(completed)
  trust.settle(first, true)
  expect(trust.track(failed).isExclusive).toBe(true)
  expect(first.isExclusive).toBe(true)
})

it('TotalVerificationPolicy treats concurrent reads of the same list, or of different resources, as exclusive', () => {
  const trust = new TotalVerificationPolicy(false)
  const reads = [trust.track(completed), trust.track(conferences('Status=COMPLETED', '1/50')), trust.track(calls)]
  expect(reads.map(({ isExclusive }) => isExclusive)).toEqual([true, true, true])
})

it('TotalVerificationPolicy treats no read as exclusive if other processes read from the server', () => {
  const trust = new TotalVerificationPolicy(true)
  const read = trust.track(completed)
  expect(read.isExclusive).toBe(false)
  expect(trust.needsVerification(read.isExclusive)).toBe(true)
  trust.settle(read, true)
  passProbation(trust, 200)
  expect(trust.needsVerification(trust.track(completed).isExclusive)).toBe(false)
})

it('TotalVerificationPolicy verifies all totals for a minute after a mismatch and then restarts the probation', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 })
  onTestFinished(() => void vi.useRealTimers())
  const trust = new TotalVerificationPolicy(false)
  passProbation(trust, 200)
  trust.settle(trust.track(completed), false)
  expect(trust.needsVerification(true)).toBe(true)
  vi.setSystemTime(59_999)
  expect(trust.needsVerification(true)).toBe(true)
  vi.setSystemTime(60_000)
  expect(trust.needsVerification(true)).toBe(false)
  expect(trust.needsVerification(false)).toBe(true)
})

it('TotalVerificationPolicy verifies totals after recordMismatch', () => {
  const trust = new TotalVerificationPolicy(false)
  expect(trust.needsVerification(true)).toBe(false)
  trust.recordMismatch()
  expect(trust.needsVerification(true)).toBe(true)
})

interface ReferenceRead extends ListIdentity {
  isExclusive: boolean
  wasContended: boolean
}

it('TotalVerificationPolicy finds the same overlaps as a comparison of each read with each ongoing read', () => {
  const identity = fc.record({
    resource: fc.constantFrom('conferences', 'calls'),
    list: fc.constantFrom('list 1', 'list 2', 'list 3'),
    echoed: fc.constantFrom('page 1', 'page 2'),
  })
  /** Starts a read, or ends the ongoing read with the given index. */
  const step = fc.oneof(identity, fc.nat({ max: 5 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const trust = new TotalVerificationPolicy(false)
      const ongoing: { read: ReturnType<typeof trust.track>; reference: ReferenceRead }[] = []
      for (const step of steps) {
        if (typeof step === 'number') {
          const [ended] = ongoing.splice(step, 1)
          if (ended === undefined) continue
          trust.settle(ended.read, null)
          expect(ended.read).toEqual(ended.reference)
          continue
        }
        const reference: ReferenceRead = { ...step, isExclusive: true, wasContended: false }
        for (const { reference: other } of ongoing) {
          if (other.resource !== step.resource) continue
          if (other.list !== step.list) other.isExclusive = reference.isExclusive = false
          if (other.echoed !== step.echoed) other.wasContended = reference.wasContended = true
        }
        ongoing.push({ read: trust.track(step), reference })
      }
      for (const { read, reference } of ongoing) expect(read).toEqual(reference)
    }),
    { numRuns: 500 },
  )
})

it('TotalVerificationPolicy visits each ongoing read a constant number of times', () => {
  const iterators = Object.getPrototypeOf(new Set().values()) as { next(): unknown }
  const next = vi.spyOn(iterators, 'next')
  onTestFinished(() => next.mockRestore())
  const trust = new TotalVerificationPolicy(false)
  const identities = Array.from({ length: 2_000 }, (_, i) => ({ resource: 'calls', list: `${i}`, echoed: `${i}` }))
  const ongoing = identities.map(identity => trust.track(identity))
  for (const read of ongoing) trust.settle(read, null)
  // A comparison with each ongoing read would need two million steps.
  expect(next.mock.calls.length).toBeLessThan(10 * ongoing.length)
})
