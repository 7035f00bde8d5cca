import { RestcommError } from './restcomm/errors.ts'
import type { RecentCallers } from './restcomm/recentCallers.ts'

export interface Caller {
  /** Identifies the caller; empty without credentials. */
  readonly clientId: string
  readonly credentialHash: string
  readonly isServiceAccount: boolean
}

export interface CallerSharesOptions {
  /** Maximum of all verified callers together. */
  readonly max: number
  /** Maximum of all unverified callers together, in addition to `max`. Unverified callers can become verified. */
  readonly maxUnverified: number
  readonly maxPerCaller?: number
  /** Whether Restcomm has accepted the credentials of the caller. */
  readonly isVerified: (caller: Caller) => boolean
  readonly recentCallers: RecentCallers
}

/** The reason of a refusal: the limit of all callers, or the share of the caller. */
export type Refusal = 'full' | 'share'

/** Cancels the work that holds a unit. */
interface Holder {
  cancel(reason: Error): void
}

/** The units of a caller. Exists while the caller holds a unit. */
interface Share {
  readonly caller: Caller
  /** Number of slots. */
  count: number
  /** Sum of the units of all slots. */
  units: number
  /** The slots of an unverified caller, the newest last; null once verified. */
  slots: Set<Slot> | null
}

/** A use of a limited resource. */
export class Slot {
  readonly clientId: string
  readonly holder: Holder
  readonly units: number
  readonly #release: (share: Share, slot: Slot) => void
  #share: Share | null

  constructor(share: Share, holder: Holder, units: number, release: (share: Share, slot: Slot) => void) {
    this.clientId = share.caller.clientId
    this.holder = holder
    this.units = units
    this.#share = share
    this.#release = release
  }

  /** Whether Restcomm had accepted the credentials of the caller before the slot was acquired. */
  get isVerified(): boolean {
    return this.#share?.slots === null
  }

  /** Further calls have no effect. */
  release(): void {
    if (this.#share === null) return
    this.#release(this.#share, this)
    this.#share = null
  }
}

/** Units that a caller leaves to a second caller while no second caller is active. */
const RESERVED_SHARE = 1 / 8

/**
 * Limits a resource, such as running operations, in total and per caller. A slot takes one unit or more. Once a second
 * caller was active within the last minute, a caller gets no further slot with half of the units. So the last slot may
 * exceed a limit, and a large slot fits as well.
 *
 * Clients can invent credentials, so all callers whose credentials Restcomm has not accepted yet have a small limit of
 * slots together. At the limit, the caller with the most slots loses the newest, so that many slots of few callers keep
 * no new caller out.
 */
export class CallerShares {
  readonly #options: CallerSharesOptions
  readonly #shares = new Map<string, Share>()
  #verified = 0
  #unverified = 0

  constructor(options: CallerSharesOptions) {
    this.#options = options
  }

  /** Units of verified callers, and slots of all others. */
  get total(): number {
    return this.#verified + this.#unverified
  }

  countOf({ clientId }: Pick<Caller, 'clientId'>): number {
    return this.#shares.get(clientId)?.count ?? 0
  }

  /**
   * Takes a slot, which must be released. Returns the reason if the caller gets no slot. `holder` is cancelled if the
   * caller loses the slot to a different caller.
   */
  acquire(caller: Caller, holder: Holder, units = 1): Slot | Refusal {
    const { clientId } = caller
    const share = this.#shares.get(clientId) ?? { caller, count: 0, units: 0, slots: new Set() }
    this.#verify(share)
    if (share.slots === null) this.#options.recentCallers.record(clientId)
    const refusal = share.slots === null ? this.#verifiedRefusal(share) : this.#unverifiedRefusal(share)
    if (refusal !== null) return refusal
    const slot = new Slot(share, holder, units, this.#release)
    this.#shares.set(clientId, share)
    share.slots?.add(slot)
    this.#add(share, 1, units)
    return slot
  }

  /** A property, so that slots need no closure each. */
  readonly #release = (share: Share, slot: Slot): void => {
    share.slots?.delete(slot)
    this.#add(share, -1, -slot.units)
    if (share.count === 0) this.#shares.delete(share.caller.clientId)
  }

  #verifiedRefusal({ caller, units }: Share): Refusal | null {
    const { max, maxPerCaller = max, recentCallers } = this.#options
    if (this.#verified >= max) return 'full'
    const share = recentCallers.hasOthers(caller.clientId) ? 1 / 2 : 1 - RESERVED_SHARE
    return units >= Math.min(maxPerCaller, Math.ceil(max * share)) ? 'share' : null
  }

  #unverifiedRefusal(share: Share): Refusal | null {
    const { max, maxUnverified, maxPerCaller = max } = this.#options
    // Restcomm may have accepted the credentials of units held for long, such as subscriptions.
    if (this.#unverified >= maxUnverified) for (const held of this.#shares.values()) this.#verify(held)
    if (this.#verified >= max) return 'full'
    if (share.count >= maxPerCaller) return 'share'
    if (this.#unverified < maxUnverified) return null
    let largest = share
    for (const held of this.#shares.values()) if (held.slots !== null && held.count > largest.count) largest = held
    const newest = [...(largest.slots ?? [])].at(-1)
    if (newest === undefined || largest.count <= share.count + 1) return share.count > 1 ? 'share' : 'full'
    newest.release()
    newest.holder.cancel(revoked())
    return null
  }

  /** If Restcomm has accepted the credentials meanwhile, counts the slots of the caller as verified. */
  #verify(share: Share): void {
    if (share.slots === null || !this.#options.isVerified(share.caller)) return
    this.#unverified -= share.count
    this.#verified += share.units
    share.slots = null
  }

  #add(share: Share, count: number, units: number): void {
    share.count += count
    share.units += units
    if (share.slots === null) this.#verified += units
    else this.#unverified += count
  }
}

function revoked(): Error {
  const message =
    'The gateway runs too many operations of clients that Restcomm has not authenticated yet: retry in 1 s.'
  return new RestcommError('overloaded', message, { retryAfterSeconds: 1 })
}
