import type { Random } from '../random.ts'
import { seededRandom } from '../random.ts'

/** What can go wrong between a server and its clients. docs/sandbox.md has a line for each. */
export const FAULT_KINDS = [
  'latency',
  'reset',
  'halfOpen',
  'stall',
  'trickle',
  'error500',
  'error502',
  'error503',
  'error504',
  'tooManyRequests',
  'redirect',
  'html',
  'contentType',
  'cutOff',
  'cutJson',
  'wrongTypes',
  'huge',
  'foreignEnvelope',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface FaultSettings {
  /** The share of requests that each kind strikes, 0 to 1; together at most 1. */
  shares: Readonly<Partial<Record<FaultKind, number>>>
  /** The same seed and the same requests in the same order are struck by the same faults. Default 1. */
  seed?: number
  /** Half of the late answers are later than this, few of them much later. Milliseconds. Default 200. */
  latencyMs?: number
  /** Between two bytes of an answer that trickles. Milliseconds. Default 20. */
  trickleMs?: number
  /** How large a huge answer is. Bytes. Default 20 MiB. */
  hugeBytes?: number
}

/** A fault that strikes a request. */
export interface Fault {
  kind: FaultKind
  /** A server may fail before it did what it was asked to, and after. */
  isDone: boolean
  /** For whatever else of it is left to chance. */
  random: Random
  /** Of `latency` alone. Milliseconds. */
  waitMs: number
  trickleMs: number
  hugeBytes: number
}

/** The longest that an answer is late, as a multiple of the median. */
const LONGEST = 10

/** Which request is struck by what, decided by a seed. */
export class Faults {
  #settings: FaultSettings | null = null
  #random: Random = seededRandom(1)

  /** Throws where the shares are not. */
  set(settings: FaultSettings | null): void {
    const shares = Object.values(settings?.shares ?? {})
    const sum = shares.reduce((total, share) => total + share, 0)
    // Shares such as 0.1 ten times are a little more than 1 in binary.
    if (shares.some(share => !(share >= 0)) || sum > 1 + 1e-9) {
      throw new RangeError('The shares of the faults must be from 0 to 1, and together at most 1.')
    }
    this.#settings = settings
    this.#random = seededRandom(settings?.seed ?? 1)
  }

  /** What happens to this request; null where all goes well. */
  strike(): Fault | null {
    if (this.#settings === null) return null
    const { shares, latencyMs = 200, trickleMs = 20, hugeBytes = 20 * 1_048_576 } = this.#settings
    const random = this.#random
    let die = random()
    // Thrown for every request alike, so that one struck by another kind does not change those after it.
    const isDone = random() < 0.5
    const waitMs = latencyMs * Math.min(LONGEST, -Math.log2(1 - random()))
    const own = seededRandom(Math.floor(random() * 2 ** 32))
    for (const kind of FAULT_KINDS) {
      die -= shares[kind] ?? 0
      if (die < 0) return { kind, isDone, random: own, waitMs, trickleMs, hugeBytes }
    }
    return null
  }
}
