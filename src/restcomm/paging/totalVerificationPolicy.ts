/** After `PROBATION_ENVELOPES` matches in contended reads, totals of non-exclusive reads are trusted. */
const PROBATION_ENVELOPES = 200
/** After a mismatched envelope, all totals need verification for `MISTRUST_MS` milliseconds. */
const MISTRUST_MS = 60_000

export interface ListIdentity {
  /** If two reads of a resource overlap, Restcomm can mix up the two envelopes. */
  readonly resource: string
  /** Path and query with filter and order, without the page. */
  readonly list: string
  /** Path, page number and page size of the request, which Restcomm repeats in the envelope. */
  readonly echoed: string
}

interface TrackedRead {
  /** False if a concurrent read of a different list may have changed the envelope. */
  readonly isExclusive: boolean
  /** Must be called once at the end of the read. If the read failed, `isMatch` is null. */
  settle(isMatch: boolean | null): void
}

interface OngoingRead extends ListIdentity {
  isExclusive: boolean
  /** True if a concurrent read had a different `echoed`, so that a mixed-up envelope would have been recognised. */
  wasContended: boolean
}

/**
 * Decides whether totals need verification with rows, because Connect mixes up envelopes of concurrent reads.
 * For a minute after a mismatch, all totals need verification. Until `PROBATION_ENVELOPES` envelopes have matched,
 * totals of non-exclusive reads need verification.
 */
export class TotalVerificationPolicy {
  readonly #sharesUpstream: boolean
  readonly #now: () => number
  readonly #reads = new Set<OngoingRead>()
  #consecutiveMatches = 0
  #mismatchedAt = Number.NEGATIVE_INFINITY

  /** If `sharesUpstream`, a different process may read concurrently, so no read counts as exclusive. */
  constructor(sharesUpstream: boolean, now: () => number = Date.now) {
    this.#sharesUpstream = sharesUpstream
    this.#now = now
  }

  track({ resource, list, echoed }: ListIdentity): TrackedRead {
    const read: OngoingRead = { resource, list, echoed, isExclusive: !this.#sharesUpstream, wasContended: false }
    for (const ongoing of this.#reads) {
      if (ongoing.resource !== resource) continue
      // If both reads read an identical list, both totals are equal, so a mix-up cannot change the total.
      if (ongoing.list !== list) ongoing.isExclusive = read.isExclusive = false
      if (ongoing.echoed !== echoed) ongoing.wasContended = read.wasContended = true
    }
    this.#reads.add(read)
    return {
      get isExclusive() {
        return read.isExclusive
      },
      settle: isMatch => {
        this.#reads.delete(read)
        if (isMatch === false) this.recordMismatch()
        else if (isMatch && read.wasContended) this.#consecutiveMatches++
      },
    }
  }

  /** Must be called for a mismatched envelope and for a total contradicted by rows. */
  recordMismatch(): void {
    this.#consecutiveMatches = 0
    this.#mismatchedAt = this.#now()
  }

  needsVerification(isExclusive: boolean): boolean {
    if (this.#now() - this.#mismatchedAt < MISTRUST_MS) return true
    return !isExclusive && this.#consecutiveMatches < PROBATION_ENVELOPES
  }
}
