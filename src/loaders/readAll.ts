import { callerError } from '../userInputError.ts'
import type { Segment } from '../relay/offsetSource.ts'
import type { PageRequest } from '../relay/connectionArgs.ts'
import type { PageReader } from './pageReader.ts'
import type { RowBudget } from './rowBudget.ts'

/** Pages under way at once. */
const PIPELINE = 4
/** How often a list is read again that lost rows while it was read. */
const TRIES = 3

/**
 * Every row of a list, each once, for sorting. One of more than `maximumRows` rows is refused, and so is one of more than
 * `budget` has left.
 *
 * Each page begins with the last row of the page before it. Rows that are added while the list is read push others on,
 * where they are seen again, which does no harm. Rows that leave pull others onto a page that was read already: then that
 * row does not stand at the beginning of the next page any more, and the list is read again.
 */
export const readWhole = async <T>(
  reader: PageReader<T>,
  maximumRows: number,
  budget: RowBudget,
): Promise<readonly T[]> => {
  for (let attempt = 1; ; attempt++) {
    const { rows, isGapless, taken } = await readOnce(reader, maximumRows, budget)
    if (isGapless || attempt === TRIES) return rows
    reader.forget()
    budget.giveBack(taken)
  }
}

const readOnce = async <T>(reader: PageReader<T>, maximumRows: number, budget: RowBudget) => {
  const rows = new Map<string, T>()
  let isGapless = true
  let last: Segment<T> | null = null
  /** Where the rows end that were read. */
  let reached = 0
  const add = (segment: Segment<T>) => {
    const ids = new Set(segment.rows.map(reader.idOf))
    const seam = last?.rows.at(-1)
    if (seam !== undefined && !ids.has(reader.idOf(seam))) isGapless = false
    for (const row of segment.rows) rows.set(reader.idOf(row), row)
    last = segment
    reached = segment.start + segment.rows.length
    if (reached > maximumRows) throw tooLarge(maximumRows)
    return segment.atEnd
  }

  const size = Math.min(reader.maximumPageSize, maximumRows + 1)
  const first = await budget.reading(Math.min(size, maximumRows), allowed =>
    reader.read({ page: 0, size: Math.min(size, allowed + 1) }),
  )
  if (add(first)) return { rows: [...rows.values()], isGapless, taken: reached }
  const total = await reader.total()
  if (total > maximumRows && (await reader.read({ page: maximumRows, size: 1 })).rows.length > 0) {
    throw tooLarge(maximumRows)
  }
  let taken = reached
  const take = async (end: number) => {
    if (end > taken) await budget.take(end - taken)
    taken = Math.max(taken, end)
  }
  await take(Math.min(total, maximumRows))
  try {
    for (let end = reached, isDone = false; !isDone; ) {
      const pages: PageRequest[] = []
      // What the total tells of is read side by side; what it does not tell of, singly.
      do {
        const next = overlappingPage(end, reader.maximumPageSize)
        pages.push(next)
        end = (next.page + 1) * next.size
      } while (end <= Math.min(total, maximumRows) && pages.length < PIPELINE)
      for (const segment of await Promise.all(pages.map(page => reader.read(page)))) isDone ||= add(segment)
      await take(reached)
    }
    return { rows: [...rows.values()], isGapless, taken: reached }
  } finally {
    budget.giveBack(Math.max(0, taken - reached))
  }
}

/** The page that reaches furthest beyond row `end` and begins before it, so that it holds the row before as well. */
const overlappingPage = (end: number, maximumSize: number): PageRequest => {
  let best = { page: end - 1, size: 1 }
  for (let size = maximumSize; size > 1; size--) {
    const page = Math.floor((end - 1) / size)
    if ((page + 1) * size > (best.page + 1) * best.size) best = { page, size }
  }
  // Pages of one row cannot overlap.
  return best.size > 1 ? best : { page: end, size: 1 }
}

const tooLarge = (maximumRows: number) =>
  callerError(
    'LIST_TOO_LARGE',
    `The list has more than ${maximumRows} rows (MAX_SORTED_ROWS), too many to sort. Narrow it with \`filter\`, or leave \`orderBy\` out.`,
  )
