/** Consecutive matching envelopes before totals are trusted. Only reads with `wasContended` count. */
const PROBATION_ENVELOPES = 200
/** How long totals need verification after a mismatched envelope. */
const MISTRUST_MS = 60_000

export interface ListIdentity {
  /** In Restcomm, concurrent reads of a resource overwrite each other's envelope fields. */
  readonly resource: string
  /** Path with filter and order. */
  readonly list: string
  /** Request fields repeated by the envelope. Different values are the only sign of a mismatched envelope. */
  readonly echoed: string
}

interface TrackedRead {
  /** False as soon as a concurrent read of a different list may have overwritten envelope fields. */
  readonly isExclusive: boolean
  /** Must be called once. `isMatch`: whether the envelope echoed the request; null without an envelope. */
  settle(isMatch: boolean | null): void
}

interface OngoingRead extends ListIdentity {
  isExclusive: boolean
  /** A concurrent read had different echoed fields, so a mixed-up envelope would have been recognised. */
  wasContended: boolean
}

/**
 * Decides whether totals reported by a server need verification with rows. Connect mixes up the envelopes of
 * concurrently read lists, and some mixtures look correct: the calls of two conferences have the same echoed fields.
 * Totals are verified for a minute after a mismatch, then for non-exclusive reads until `PROBATION_ENVELOPES` match.
 */
export class TotalVerificationPolicy {
  readonly #sharesUpstream: boolean
  readonly #now: () => number
  readonly #reads = new Set<OngoingRead>()
  #consecutiveMatches = 0
  #mismatchedAt = Number.NEGATIVE_INFINITY

  /** `sharesUpstream`: other processes read from the server, so no read is known to be exclusive. */
  constructor(sharesUpstream: boolean, now: () => number = Date.now) {
    this.#sharesUpstream = sharesUpstream
    this.#now = now
  }

  track({ resource, list, echoed }: ListIdentity): TrackedRead {
    const read: OngoingRead = { resource, list, echoed, isExclusive: !this.#sharesUpstream, wasContended: false }
    for (const ongoing of this.#reads) {
      if (ongoing.resource !== resource) continue
      // Reads of the same list have the same total.
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
