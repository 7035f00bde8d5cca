import type { Random } from '../random.ts'
import { below, chance, pick, seededRandom } from '../random.ts'
import type { FieldsAt, ListFields } from './envelope.ts'
import { READING_COUNT } from './envelope.ts'

/** The server has one envelope for each of these, so only requests for the same kind of list disturb each other. */
export type ListKind = 'conferences' | 'participants' | 'calls'

export interface ForeignEnvelopeSettings {
  /** Share of the list answers that another request disturbs, 0 to 1. */
  rate: number
  /** The same seed and the same requests in the same order give the same answers. Default 1. */
  seed?: number
  /** Share of the list answers that are a 500 instead, 0 to 1. Default 0. */
  serverErrors?: number
  /** Share of the disturbed answers that mix fields of both requests; the rest are wholly the other's. Default 0.25. */
  mixed?: number
}

type Interference = 'none' | 'server error' | FieldsAt

const REMEMBERED = 64
const WRITES = 4
const NEVER = READING_COUNT

const SHARED_FIELDS = ['total', 'page', 'pageSize', 'uri'] as const satisfies readonly (keyof ListFields)[]

/** The race for the shared fields of a list, decided by a seed instead of by threads. Off until it is set. */
export class ForeignEnvelopes {
  readonly #recent = new Map<ListKind, ListFields[]>()
  #settings: ForeignEnvelopeSettings | null = null
  #random: Random = seededRandom(1)

  set(settings: ForeignEnvelopeSettings | null): void {
    this.#settings = settings
    this.#random = seededRandom(settings?.seed ?? 1)
  }

  /** What happens to the envelope of this request. `invent` makes up a rival when no other list was asked for yet. */
  interfere(kind: ListKind, own: ListFields, invent: () => ListFields): Interference {
    const recent = this.#remember(kind, own)
    if (this.#settings === null) return 'none'
    const { rate, serverErrors = 0, mixed = 0.25 } = this.#settings
    const die = this.#random()
    if (die < serverErrors) return 'server error'
    if (die >= serverErrors + rate) return 'none'
    const rivals = recent.filter(fields => SHARED_FIELDS.some(field => fields[field] !== own[field]))
    const rival = pick(this.#random, rivals) ?? invent()
    const moments = chance(this.#random, mixed) ? mixedMoments(this.#random) : [0, 0, 0, 0]
    return disturbed(own, rival, moments)
  }

  #remember(kind: ListKind, own: ListFields): readonly ListFields[] {
    const recent = this.#recent.get(kind) ?? []
    this.#recent.set(kind, recent)
    recent.push(own)
    if (recent.length > REMEMBERED) recent.shift()
    return recent
  }
}

/**
 * Before which reading each of the rival's four writes happens. Some of them are done by a first moment, most often
 * before the reading begins; then the rival is held up until the envelope is out, or goes on between the next readings.
 */
export const mixedMoments = (random: Random): number[] => {
  const first = chance(random, 0.5) ? 0 : below(random, READING_COUNT)
  const done = 1 + below(random, first === 0 ? WRITES - 1 : WRITES)
  const heldUp = chance(random, 0.5)
  let moment = first
  return Array.from({ length: WRITES }, (_, write) => {
    if (write < done) return first
    moment = heldUp ? NEVER : moment + 1 + below(random, 4)
    return moment
  })
}

/** One's own fields, overwritten by a rival's, each from its moment on: total first, then page, page size and uri. */
export const disturbed =
  (own: ListFields, rival: ListFields, moments: readonly number[]): FieldsAt =>
  reading => {
    const from = (write: number) => (reading >= (moments[write] ?? NEVER) ? rival : own)
    return { total: from(0).total, page: from(1).page, pageSize: from(2).pageSize, uri: from(3).uri }
  }
