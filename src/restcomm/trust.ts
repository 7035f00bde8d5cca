/** So many envelopes in a row, read while other operations read theirs, must be their own before a server is trusted. */
const PROBATION = 200
/** How long a foreign envelope is held against the server. Milliseconds. */
const MEMORY_MS = 60_000

/** One list being read. */
export interface ListRead {
  /** Whether no other operation of this gateway was reading a list from the same server meanwhile. */
  readonly alone: boolean
  /** Call once: with whether the envelope repeated its request, or with null when none came. */
  settled(isOwn: boolean | null): void
}

/**
 * Whether the totals that a server tells can be taken without proof.
 *
 * Connect mixes up the envelopes of lists that are read at the same time, and some of the mixtures look right. A server
 * that was caught at it has to prove its totals by rows, and so has one that is not known yet while several operations
 * read lists from it. One that is read from by a single operation, or that has passed its probation, is believed.
 */
export class EnvelopeTrust {
  readonly #now: () => number
  readonly #reads = new Set<{ operation: object | null; alone: boolean }>()
  #ownInARow = 0
  #caughtAt = Number.NEGATIVE_INFINITY

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  reading(operation: object): ListRead {
    const read: { operation: object | null; alone: boolean } = { operation, alone: true }
    for (const other of this.#reads) {
      if (other.operation !== operation) other.alone = read.alone = false
    }
    this.#reads.add(read)
    return {
      get alone() {
        return read.alone
      },
      settled: isOwn => {
        this.#reads.delete(read)
        // What is left of the set's earlier tables holds `read` for a while, and must not hold the operation.
        read.operation = null
        if (isOwn === false) this.caught()
        else if (isOwn && !read.alone) this.#ownInARow++
      },
    }
  }

  /** An envelope repeated its request and was wrong all the same, or what it said could not be proven. */
  caught(): void {
    this.#ownInARow = 0
    this.#caughtAt = this.#now()
  }

  needsProof(alone: boolean): boolean {
    if (this.#now() - this.#caughtAt < MEMORY_MS) return true
    return !alone && this.#ownInARow < PROBATION
  }
}
