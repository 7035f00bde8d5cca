import { callerError } from '../relay/callerError.ts'
import type { PageReader } from './pageReader.ts'

/** Pages under way at once. */
const PIPELINE = 4
/** How often a list is read again that lost rows while it was read. */
const TRIES = 3

/**
 * Every row of a list, each once, for sorting. Longer than `maximumRows`, it is refused before it is read.
 *
 * Rows that are inserted while it is read push others onto the next page, where they are seen again; rows that are
 * removed pull others onto a page that was read already, where they are missed. The first does no harm; after the
 * second fewer rows were seen than the list has, and it is read again.
 */
export const readWhole = async <T>(reader: PageReader<T>, maximumRows: number): Promise<readonly T[]> => {
  for (let attempt = 1; ; attempt++) {
    const { rows, length } = await readOnce(reader, maximumRows)
    if (rows.length >= length || attempt === TRIES) return rows
    reader.forget()
  }
}

const readOnce = async <T>(reader: PageReader<T>, maximumRows: number) => {
  const rows = new Map<string, T>()
  const size = Math.min(reader.maximumPageSize, maximumRows + 1)
  const read = async (page: number) => {
    const segment = await reader.read({ page, size })
    for (const row of segment.rows) rows.set(reader.idOf(row), row)
    return { atEnd: segment.atEnd, length: segment.start + segment.rows.length }
  }
  const answer = (length: number) => {
    if (length > maximumRows) throw tooLarge(maximumRows)
    return { rows: [...rows.values()], length }
  }

  let last = await read(0)
  if (last.atEnd) return answer(last.length)
  const total = await reader.total()
  if (total > maximumRows && (await reader.read({ page: maximumRows, size: 1 })).rows.length > 0) {
    throw tooLarge(maximumRows)
  }
  let page = 1
  while (!last.atEnd && last.length <= maximumRows) {
    // The last page that the total tells of exists, if only as an empty one; what it does not tell of is read singly.
    const known = Math.floor(Math.min(total, maximumRows) / size) - page + 1
    const pages = Array.from({ length: Math.max(1, Math.min(PIPELINE, known)) }, (_, i) => page + i)
    const segments = await Promise.all(pages.map(read))
    page += pages.length
    last = segments.findLast(segment => segment.length > 0) ?? last
  }
  return answer(last.length)
}

const tooLarge = (maximumRows: number) =>
  callerError(
    'LIST_TOO_LARGE',
    `The list has more than ${maximumRows} rows, too many to sort. Narrow it with \`filter\`, or leave \`orderBy\` out.`,
  )
