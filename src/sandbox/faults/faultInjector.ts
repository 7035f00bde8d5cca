import type { Random } from '../random.ts'
import { seededRandom } from '../random.ts'

/** The kinds of faults. docs/sandbox.md describes each kind. */
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
  'mismatchedEnvelope',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface FaultSettings {
  /** The share of affected requests for each kind of fault, from 0 to 1. The sum of all shares is at most 1. */
  shares: Readonly<Partial<Record<FaultKind, number>>>
  /** The same seed gives the same faults for the same sequence of requests. Default 1. */
  seed?: number
  /** The median of the exponentially distributed delays of `latency` faults. Default 200. */
  latencyMs?: number
  /** The pause between two bytes of a `trickle` fault. Default 20. */
  trickleMs?: number
  /** The size of a `huge` response. Default 20 MiB. */
  hugeBytes?: number
}

export interface Fault {
  kind: FaultKind
  /** If false and the fault replaces or suppresses the response, the server does not execute the request. */
  isExecuted: boolean
  /** Random source for changes of the response, such as the position of a cut. */
  random: Random
  /** The delay of a `latency` fault. */
  waitMs: number
  trickleMs: number
  hugeBytes: number
}

/** The longest delay of a `latency` fault, as a multiple of the median. */
const MAX_LATENCY_FACTOR = 10

/** Assigns faults to requests by a seeded random sequence. */
export class FaultInjector {
  #settings: FaultSettings | null = null
  #random: Random = seededRandom(1)

  /** Throws a RangeError for invalid shares. */
  set(settings: FaultSettings | null): void {
    const shares = Object.values(settings?.shares ?? {})
    const sum = shares.reduce((total, share) => total + share, 0)
    // Tolerates rounding errors: 0.8 + 0.05 + 0.05 + 0.05 + 0.05 is slightly above 1 in floating point.
    if (shares.some(share => !(share >= 0)) || sum > 1 + 1e-9) {
      throw new RangeError(
        `The shares of the faults are ${JSON.stringify(settings?.shares)}: expected numbers from 0 to 1 with a sum ` +
          'of at most 1.',
      )
    }
    this.#settings = settings
    this.#random = seededRandom(settings?.seed ?? 1)
  }

  /** Returns the fault of the next request, or null for a request without a fault. */
  next(): Fault | null {
    if (this.#settings === null) return null
    const { shares, latencyMs = 200, trickleMs = 20, hugeBytes = 20 * 1_048_576 } = this.#settings
    const random = this.#random
    let draw = random()
    // Every request draws the same number of random values, so that a change of the shares does not shift later draws.
    const isExecuted = random() < 0.5
    const waitMs = latencyMs * Math.min(MAX_LATENCY_FACTOR, -Math.log2(1 - random()))
    const faultRandom = seededRandom(Math.floor(random() * 2 ** 32))
    for (const kind of FAULT_KINDS) {
      draw -= shares[kind] ?? 0
      if (draw < 0) return { kind, isExecuted, random: faultRandom, waitMs, trickleMs, hugeBytes }
    }
    return null
  }
}
