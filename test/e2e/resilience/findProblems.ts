import type { GraphQLAnswer } from '../../support/gateway.ts'
import { knownSecrets, secretsIn } from '../../support/secrets.ts'

type Path = readonly (string | number)[]

const secrets = knownSecrets()
/** Stack traces, addresses and file paths. */
const INTERNALS =
  /\bat \S+ \(|node_modules|file:\/\/|https?:\/\/|127\.0\.0\.1|\/(?:home|work|root|usr|tmp)\/|ECONN|EPIPE|undici/i

/**
 * Returns the problems of a response to a valid query: unexpected data, null without an error at the path, and errors
 * with a code outside `allowedCodes` or with internals in the message. With `mayMoveRow`, a row of each list may be at
 * a wrong position: the gateway sorts a row with an unreadable date or SID before all other rows.
 */
export function findProblems(
  expected: unknown,
  { data, errors = [] }: GraphQLAnswer,
  allowedCodes: ReadonlySet<string>,
  mayMoveRow = false,
): string[] {
  const errorPaths = errors.map(({ path }) => path ?? [])
  const hasError = (path: Path) => errorPaths.some(errorPath => path.every((step, i) => errorPath[i] === step))
  return [
    ...differences(expected, data ?? null, [], { hasError, mayMoveRow }),
    ...errors.flatMap(({ message, path = [], extensions = {} }) => [
      ...(allowedCodes.has(String(extensions.code)) ? [] : [`unexpected code ${extensions.code}: ${message}`]),
      ...(extensions.requestId ? [] : [`error without a request id at ${path.join('.')}`]),
      ...(INTERNALS.test(message) ? [`internals in the message: ${message}`] : []),
      ...secretsIn(JSON.stringify({ message, extensions }), secrets),
      ...(isNullAlong(data ?? null, path) ? [] : [`error at ${path.join('.')}, but the data is not null`]),
    ]),
  ]
}

interface Tolerance {
  readonly hasError: (path: Path) => boolean
  readonly mayMoveRow: boolean
}

function differences(expected: unknown, actual: unknown, path: Path, tolerance: Tolerance): string[] {
  if (actual === null && expected !== null) {
    return tolerance.hasError(path) ? [] : [`null without an error at ${path.join('.')}`]
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    const compare = (expectedIndex: number, index: number) =>
      differences(expected[expectedIndex], actual[index], [...path, index], tolerance)
    const problems = expected.map((_item, i) => compare(i, i))
    const isEqual = (expectedIndex: number, index: number) => compare(expectedIndex, index).length === 0
    return tolerance.mayMoveRow && hasMovedRow(problems, isEqual) ? [] : problems.flat()
  }
  if (isObject(expected) && isObject(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
    return [...names].flatMap(name => differences(expected[name], actual[name], [...path, name], tolerance))
  }
  if (Object.is(expected, actual)) return []
  return [`at ${path.join('.') || 'the root'}: ${shortened(actual)} instead of ${shortened(expected)}`]
}

/** Whether the lists are equal without one row of each list. The first difference is at one of the two rows. */
function hasMovedRow(
  problems: readonly (readonly string[])[],
  isEqual: (expectedIndex: number, index: number) => boolean,
): boolean {
  const first = problems.findIndex(({ length }) => length > 0)
  const indexes = [...problems.keys()]
  const isEqualWithout = (skippedExpected: number, skipped: number) => {
    const remaining = indexes.filter(index => index !== skipped)
    return indexes.filter(index => index !== skippedExpected).every((index, i) => isEqual(index, remaining[i] ?? -1))
  }
  return first >= 0 && indexes.some(index => isEqualWithout(index, first) || isEqualWithout(first, index))
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shortened = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, 200)

/** Whether the value at the path, or an ancestor, is null. */
function isNullAlong(data: unknown, path: Path): boolean {
  let value = data
  for (const step of path) {
    if (value === null || value === undefined) return true
    value = (value as Readonly<Record<string | number, unknown>>)[step]
  }
  return value === null || value === undefined
}
