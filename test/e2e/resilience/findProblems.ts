import type { GraphQLAnswer } from '../../support/gateway.ts'
import { knownSecrets, secretsIn } from '../../support/secrets.ts'

type Path = readonly (string | number)[]

const secrets = knownSecrets()
/** Stack traces, addresses and file paths. */
const INTERNALS =
  /\bat \S+ \(|node_modules|file:\/\/|https?:\/\/|127\.0\.0\.1|\/(?:home|work|root|usr|tmp)\/|ECONN|EPIPE|undici/i

/**
 * Returns the problems of a response to a valid query: unexpected data, null without an error at the path, and errors
 * with a code outside `allowedCodes` or with internals in the message.
 */
export function findProblems(
  expected: unknown,
  { data, errors = [] }: GraphQLAnswer,
  allowedCodes: ReadonlySet<string>,
): string[] {
  const errorPaths = errors.map(({ path }) => path ?? [])
  const hasError = (path: Path) => errorPaths.some(errorPath => path.every((step, i) => errorPath[i] === step))
  return [
    ...differences(expected, data ?? null, [], hasError),
    ...errors.flatMap(({ message, path = [], extensions = {} }) => [
      ...(allowedCodes.has(String(extensions.code)) ? [] : [`unexpected code ${extensions.code}: ${message}`]),
      ...(extensions.requestId ? [] : [`error without a request id at ${path.join('.')}`]),
      ...(INTERNALS.test(message) ? [`internals in the message: ${message}`] : []),
      ...secretsIn(JSON.stringify({ message, extensions }), secrets),
      ...(isNullAlong(data ?? null, path) ? [] : [`error at ${path.join('.')}, but the data is not null`]),
    ]),
  ]
}

function differences(expected: unknown, actual: unknown, path: Path, hasError: (path: Path) => boolean): string[] {
  if (actual === null && expected !== null) return hasError(path) ? [] : [`null without an error at ${path.join('.')}`]
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((item, i) => differences(item, actual[i], [...path, i], hasError))
  }
  if (isObject(expected) && isObject(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
    return [...names].flatMap(name => differences(expected[name], actual[name], [...path, name], hasError))
  }
  if (Object.is(expected, actual)) return []
  return [`at ${path.join('.') || 'the root'}: ${shortened(actual)} instead of ${shortened(expected)}`]
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
