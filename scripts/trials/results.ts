import { loadavg } from 'node:os'

export interface TrialResult {
  readonly name: string
  readonly isPassed: boolean
  readonly subscribers: number
  readonly events: number
  /** Longest time between a change and the arrival at the last subscriber, without one poll interval. */
  readonly gapMs: number
  readonly limitMs: number
  /** Replays which reached a state that the resource never had, an older state, or not the last state. */
  readonly lost: number
  /** Events which changed nothing. */
  readonly doubled: number
  /** Errors and ends of subscriptions, or failed requests after the limit. */
  readonly errors: number
  readonly durationMs: number
  /** Printed if the trial fails. */
  readonly report: readonly string[]
}

const COLUMNS = [
  'trial',
  'result',
  'subscribers',
  'events',
  'gap s',
  'limit s',
  'lost',
  'doubled',
  'errors',
  'run s',
  'load',
]
const WIDTHS = [22, 6, 11, 7, 6, 7, 5, 7, 6, 6, 5]

export function headerRows(): string {
  return `${tableRow(COLUMNS)}${tableRow(WIDTHS.map(width => '-'.repeat(width)))}`
}

export function resultRow(result: TrialResult): string {
  const seconds = (ms: number) => (ms / 1_000).toFixed(1)
  return tableRow([
    result.name,
    result.isPassed ? 'passed' : 'FAILED',
    result.subscribers,
    result.events,
    seconds(result.gapMs),
    seconds(result.limitMs),
    result.lost,
    result.doubled,
    result.errors,
    (result.durationMs / 1_000).toFixed(0),
    loadavg()[0]?.toFixed(1) ?? '',
  ])
}

function tableRow(cells: readonly (string | number)[]): string {
  const padded = cells.map((cell, index) => {
    const width = WIDTHS[index] ?? 0
    return index < 2 ? String(cell).padEnd(width) : String(cell).padStart(width)
  })
  return `| ${padded.join(' | ')} |\n`
}
