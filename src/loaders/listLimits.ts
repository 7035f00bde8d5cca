import type { PageLimits } from '../relay/connectionArgs.ts'

export interface ListLimits extends PageLimits {
  /** Rows of a single sorted list. */
  readonly maxSortedRows: number
  /** Rows of all sorted lists of a request together. */
  readonly maxQuerySortedRows: number
}
