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
