import type { PageLimits } from '../relay/connectionArgs.ts'

export interface Limits extends PageLimits {
  /** The longest list that is sorted. Rows. */
  readonly maximumSortedRows: number
  /** What all lists that one request sorts may have together. Rows. */
  readonly maximumQuerySortedRows: number
}
