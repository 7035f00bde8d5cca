import type { Cell, Sample } from './measure/measure.ts'
import { median, spread } from './measure/statistics.ts'

/** A cell with all that was measured of it. */
export interface Measured extends Cell {
  readonly samples: readonly Sample[]
  /** For one answer, with nobody else asking. */
  readonly upstreamRequestsAlone: number
}

/** Why there is no figure, or one of fewer rounds. */
export interface LeftOut {
  readonly server: string
  /** Of which workload, and with which clients where it could be asked at all. */
  readonly of: string
  readonly reason: string
}

/** Everything that a run has measured, to be asked by cell. */
export class Results {
  readonly #cells = new Map<string, { cell: Cell; samples: Sample[]; upstreamRequestsAlone: number }>()
  readonly leftOut: LeftOut[] = []

  add(cell: Cell, sample: Sample, upstreamRequestsAlone: number): void {
    const name = nameOf(cell)
    const known = this.#cells.get(name) ?? { cell, samples: [], upstreamRequestsAlone }
    known.samples.push(sample)
    this.#cells.set(name, known)
  }

  of(cell: Cell): Measured | null {
    const known = this.#cells.get(nameOf(cell))
    return known === undefined ? null : { ...known.cell, ...known }
  }

  get all(): readonly Measured[] {
    return Array.from(this.#cells.values(), ({ cell, samples, upstreamRequestsAlone }) => ({
      ...cell,
      samples,
      upstreamRequestsAlone,
    }))
  }

  /** The median of what was measured; null where nothing was. */
  median(cell: Cell, of: keyof Sample): number | null {
    const measured = this.of(cell)
    return measured === null ? null : median(measured.samples.map(sample => sample[of]))
  }

  /** How far the rounds were apart, as a share of the median; null where nothing was measured. */
  spread(cell: Cell, of: keyof Sample): number | null {
    const measured = this.of(cell)
    return measured === null ? null : spread(measured.samples.map(sample => sample[of]))
  }
}

const nameOf = ({ server, upstream, workload, clients }: Cell): string =>
  [server, upstream, workload, clients].join(' ')
