/** So many envelopes in a row that another read could have spoiled must be their own before a server is trusted. */
const PROBATION = 200
/** How long a foreign envelope is held against the server. Milliseconds. */
const MEMORY_MS = 60_000

/** What is asked of a server's lists. */
export interface AskedList {
  /** The server has one envelope for each noun, so that only lists of the same noun disturb each other. */
  readonly noun: string
  /** With its conditions, which no envelope repeats. */
  readonly list: string
  /** All that an envelope repeats of it: by this alone another's can be told from its own. */
  readonly repeated: string
}

/** One list being read. */
interface ListRead {
  /** Whether nobody was reading another list meanwhile whose total could stand in the envelope. */
  readonly alone: boolean
  /** Call once: with whether the envelope repeated its request, or with null when none came. */
  settled(isOwn: boolean | null): void
}

interface Read extends AskedList {
  alone: boolean
  /** Whether an envelope could have shown that the server mixes them up. */
  isTried: boolean
}

/**
 * Whether the totals that a server tells can be taken without proof.
 *
 * Connect mixes up the envelopes of lists that are read at the same time, and some of the mixtures look right: two rooms'
 * calls, or one account's conferences under two filters, differ in nothing that an envelope repeats. A server that was
 * caught at it has to prove its totals by rows, and so has one that is not known yet while several lists are read from it,
 * be it by one operation. It is believed what it says of a list that is read alone, and once it has passed its probation
 * what it says of any.
 *
 * Where other processes read from the same server, nothing is ever known to be read alone.
 */
export class EnvelopeTrust {
  readonly #isShared: boolean
  readonly #now: () => number
  readonly #reads = new Set<Read>()
  #ownInARow = 0
  #caughtAt = Number.NEGATIVE_INFINITY

  constructor(isShared: boolean, now: () => number = Date.now) {
    this.#isShared = isShared
    this.#now = now
  }

  reading({ noun, list, repeated }: AskedList): ListRead {
    const read: Read = { noun, list, repeated, alone: !this.#isShared, isTried: false }
    for (const other of this.#reads) {
      if (other.noun !== noun) continue
      // Whoever reads the same list is told the same total.
      if (other.list !== list) other.alone = read.alone = false
      if (other.repeated !== repeated) other.isTried = read.isTried = true
    }
    this.#reads.add(read)
    return {
      get alone() {
        return read.alone
      },
      settled: isOwn => {
        this.#reads.delete(read)
        if (isOwn === false) this.caught()
        else if (isOwn && read.isTried) this.#ownInARow++
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
