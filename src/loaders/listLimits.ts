import type { PageLimits } from '../relay/connectionArgs.ts'

export interface ListLimits extends PageLimits {
  /** Maximum number of rows of a single sorted list. */
  readonly maxSortedRows: number
  /** Maximum number of rows of all sorted lists of a request together. */
  readonly maxQuerySortedRows: number
}
