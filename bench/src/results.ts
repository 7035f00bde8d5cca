import type { Cell, Sample } from './measure/measure.ts'
import { median, spread } from './measure/statistics.ts'

export interface CellResult extends Cell {
  readonly samples: readonly Sample[]
  /** Average number of upstream requests per response, measured without concurrent requests. */
  readonly upstreamRequestsAlone: number
}

/** A failed measurement, or a failed round of a measurement. */
export interface Exclusion {
  readonly server: string
  /** Workload and upstream, with the number of clients if a single round has failed. */
  readonly scope: string
  readonly reason: string
}

export class Results {
  readonly #cells = new Map<string, { cell: Cell; samples: Sample[]; upstreamRequestsAlone: number }>()
  readonly exclusions: Exclusion[] = []

  add(cell: Cell, sample: Sample, upstreamRequestsAlone: number): void {
    const key = keyOf(cell)
    const entry = this.#cells.get(key) ?? { cell, samples: [], upstreamRequestsAlone }
    entry.samples.push(sample)
    this.#cells.set(key, entry)
  }

  get(cell: Cell): CellResult | null {
    const entry = this.#cells.get(keyOf(cell))
    return entry === undefined ? null : { ...entry.cell, ...entry }
  }

  get all(): readonly CellResult[] {
    return Array.from(this.#cells.values(), ({ cell, samples, upstreamRequestsAlone }) => ({
      ...cell,
      samples,
      upstreamRequestsAlone,
    }))
  }

  /** Returns the median of the rounds, or null if the cell was not measured. */
  median(cell: Cell, key: keyof Sample): number | null {
    const result = this.get(cell)
    return result === null ? null : median(result.samples.map(sample => sample[key]))
  }

  /** Returns the spread of the rounds as a share of the median. If the cell was not measured, returns null. */
  spread(cell: Cell, key: keyof Sample): number | null {
    const result = this.get(cell)
    return result === null ? null : spread(result.samples.map(sample => sample[key]))
  }
}

function keyOf({ server, upstream, workload, clients }: Cell): string {
  return [server, upstream, workload, clients].join(' ')
}
