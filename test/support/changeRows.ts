import type { TestGateway } from './gateway.ts'

type Row = Readonly<Record<string, unknown>>
type ChangedRow = Row | undefined

const UNCHANGED = 'x-unchanged'

/**
 * Changes the rows in the sandbox's responses to reads of paths that contain `pathPart`. `change` returns the members to replace
 * in a row; a member of the value undefined is removed.
 */
export function changeRows(
  { sandbox }: TestGateway,
  pathPart: string,
  change: (row: Row, index: number) => ChangedRow,
) {
  const changeRow = (row: Row, index: number) => ({ ...row, ...change(row, index) })
  sandbox.intercept(async ({ method, path, authorization, headers }) => {
    if (method !== 'GET' || headers[UNCHANGED] !== undefined || !path.includes(pathPart)) return undefined
    const response = await fetch(new URL(path, sandbox.url), {
      headers: { authorization: authorization ?? '', accept: 'application/json', [UNCHANGED]: 'true' },
    })
    const text = await response.text()
    if (response.status !== 200) return { status: response.status, body: text }
    return { status: 200, body: JSON.stringify(changeBody(JSON.parse(text), changeRow)) }
  })
}

/** A response is an array of rows, an envelope with an array of rows, or a row. */
function changeBody(json: Row | readonly Row[], changeRow: (row: Row, index: number) => Row): unknown {
  if (Array.isArray(json)) return json.map(changeRow)
  const envelope = json as Row
  const [name, rows] = Object.entries(envelope).find(([, value]) => Array.isArray(value)) ?? []
  if (name === undefined) return changeRow(envelope, 0)
  return { ...envelope, [name]: (rows as readonly Row[]).map(changeRow) }
}
