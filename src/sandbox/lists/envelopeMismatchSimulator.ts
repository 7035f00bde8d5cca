import type { Random } from '../random.ts'
import { chance, pick, randomInteger, seededRandom } from '../random.ts'
import type { EnvelopeFields, FieldsAt } from './envelope.ts'
import { MEMBER_COUNT } from './envelope.ts'

/** Restcomm has an envelope object per kind of list. Only requests for lists of equal kind interfere. */
export type ListKind = 'conferences' | 'participants' | 'calls'

export interface EnvelopeMismatchSettings {
  /** The share of list responses with fields of a concurrent request in the envelope, from 0 to 1. */
  rate: number
  /** The same seed gives the same mismatches for the same sequence of requests. Default 1. */
  seed?: number
  /** The share of list responses with status 500, from 0 to 1. Default 0. */
  serverErrors?: number
  /** Share of the mismatched envelopes with a mixture of fields from both requests. Default 0.25. */
  mixed?: number
}

type SimulationResult = 'none' | 'server error' | FieldsAt

const MAX_RECENT_REQUESTS = 64
const WRITE_COUNT = 4
const AFTER_LAST_READ = MEMBER_COUNT

const SHARED_FIELDS = ['total', 'page', 'pageSize', 'uri'] as const satisfies readonly (keyof EnvelopeFields)[]

/** Simulates the race of concurrent requests for the shared fields of an envelope. Inactive until `set` is called. */
export class EnvelopeMismatchSimulator {
  readonly #recent = new Map<ListKind, EnvelopeFields[]>()
  #settings: EnvelopeMismatchSettings | null = null
  #random: Random = seededRandom(1)

  set(settings: EnvelopeMismatchSettings | null): void {
    this.#settings = settings
    this.#random = seededRandom(settings?.seed ?? 1)
  }

  /**
   * Simulates the race with a recent request that has different fields. If no recent request differs, `synthesize`
   * invents the fields of a concurrent request.
   */
  simulate(kind: ListKind, fields: EnvelopeFields, synthesize: () => EnvelopeFields): SimulationResult {
    const recent = this.#record(kind, fields)
    if (this.#settings === null) return 'none'
    const { rate, serverErrors = 0, mixed = 0.25 } = this.#settings
    const draw = this.#random()
    if (draw < serverErrors) return 'server error'
    if (draw >= serverErrors + rate) return 'none'
    const candidates = recent.filter(candidate => SHARED_FIELDS.some(field => candidate[field] !== fields[field]))
    const concurrent = pick(this.#random, candidates) ?? synthesize()
    const writePositions = chance(this.#random, mixed) ? randomWritePositions(this.#random) : [0, 0, 0, 0]
    return overwriteFields(fields, concurrent, writePositions)
  }

  #record(kind: ListKind, fields: EnvelopeFields): readonly EnvelopeFields[] {
    const recent = this.#recent.get(kind) ?? []
    this.#recent.set(kind, recent)
    recent.push(fields)
    if (recent.length > MAX_RECENT_REQUESTS) recent.shift()
    return recent
  }
}

/**
 * Returns, for each of the four shared fields, the index of the first read with the value of the concurrent request.
 * The first fields change together, often at read 0 (then at most three fields, because four would be a complete copy).
 * The remaining fields change after the last read or between later reads.
 */
export function randomWritePositions(random: Random): number[] {
  const first = chance(random, 0.5) ? 0 : randomInteger(random, MEMBER_COUNT)
  const done = 1 + randomInteger(random, first === 0 ? WRITE_COUNT - 1 : WRITE_COUNT)
  const isDelayed = chance(random, 0.5)
  let position = first
  return Array.from({ length: WRITE_COUNT }, (_, write) => {
    if (write < done) return first
    position = isDelayed ? AFTER_LAST_READ : position + 1 + randomInteger(random, 4)
    return position
  })
}

/**
 * Reads before the write position of a field return the value in `fields`. Reads from the write position on return the
 * value in `concurrent`. `writePositions` has the order of `SHARED_FIELDS`.
 */
export function overwriteFields(
  fields: EnvelopeFields,
  concurrent: EnvelopeFields,
  writePositions: readonly number[],
): FieldsAt {
  return reading => {
    const from = (write: number) => (reading >= (writePositions[write] ?? AFTER_LAST_READ) ? concurrent : fields)
    return { total: from(0).total, page: from(1).page, pageSize: from(2).pageSize, uri: from(3).uri }
  }
}
