/** Number of consecutive matches, in reads with `wasContended`, before totals of non-exclusive reads are trusted. */
const PROBATION_ENVELOPES = 200
/** Duration for which all totals need verification after a mismatched envelope. */
const MISTRUST_MS = 60_000

export interface ListIdentity {
  /** Concurrent reads of the same resource can overwrite each other's envelope fields in Restcomm. */
  readonly resource: string
  /** Path and query with filter and order, without the page. */
  readonly list: string
  /** Path and page of the request. A mismatched envelope is recognised only by a different path or page. */
  readonly echoed: string
}

interface TrackedRead {
  /** False as soon as a concurrent read of a different list may have overwritten envelope fields. */
  readonly isExclusive: boolean
  /** Must be called once. `isMatch` tells whether the envelope repeats path and page; null means no envelope. */
  settle(isMatch: boolean | null): void
}

interface OngoingRead extends ListIdentity {
  isExclusive: boolean
  /** True if a concurrent read had a different `echoed`, so that a mixed-up envelope would have been recognised. */
  wasContended: boolean
}

/**
 * Decides whether totals need verification with rows. Connect mixes up envelopes of concurrently read lists, and some
 * mixtures look correct, for example of the call lists of two conferences, which have the same path. After a mismatch,
 * all totals are verified for a minute, then totals of non-exclusive reads until `PROBATION_ENVELOPES` envelopes match.
 */
export class TotalVerificationPolicy {
  readonly #sharesUpstream: boolean
  readonly #now: () => number
  readonly #reads = new Set<OngoingRead>()
  #consecutiveMatches = 0
  #mismatchedAt = Number.NEGATIVE_INFINITY

  /** `sharesUpstream` means that several processes read from the server, so no read counts as exclusive. */
  constructor(sharesUpstream: boolean, now: () => number = Date.now) {
    this.#sharesUpstream = sharesUpstream
    this.#now = now
  }

  track({ resource, list, echoed }: ListIdentity): TrackedRead {
    const read: OngoingRead = { resource, list, echoed, isExclusive: !this.#sharesUpstream, wasContended: false }
    for (const ongoing of this.#reads) {
      if (ongoing.resource !== resource) continue
      // Concurrent reads of the same list still count as exclusive, because either envelope has the total of this list.
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
