import type { Answer } from '../../support/gateway.ts'
import { knownSecrets, secretsIn } from '../../support/secrets.ts'

type Path = readonly (string | number)[]

const secrets = knownSecrets()
/** Stacks, addresses, and paths of a machine. */
const INTERNALS =
  /\bat \S+ \(|node_modules|file:\/\/|https?:\/\/|127\.0\.0\.1|\/(?:home|work|root|usr|tmp)\/|ECONN|EPIPE|undici/i

/**
 * What is wrong with an answer to a question that is right: data that is neither what the rows say nor a null whose
 * error has its path, and errors that are not the upstream's. `codes` are those that an error may have.
 */
export const complaintsOf = (want: unknown, { data, errors = [] }: Answer, codes: ReadonlySet<string>): string[] => {
  const paths = errors.map(({ path }) => path ?? [])
  const isExplained = (place: Path) => paths.some(path => place.every((step, i) => path[i] === step))
  return [
    ...differences(want, data ?? null, [], isExplained),
    ...errors.flatMap(({ message, path = [], extensions = {} }) => [
      ...(codes.has(String(extensions.code)) ? [] : [`the code ${extensions.code} (${message})`]),
      ...(extensions.requestId ? [] : [`no request id at ${path.join('.')}`]),
      ...(INTERNALS.test(message) ? [`the message ${message}`] : []),
      ...secretsIn(JSON.stringify({ message, extensions }), secrets),
      ...(isNullAlong(data ?? null, path) ? [] : [`an error at ${path.join('.')}, where there is data`]),
    ]),
  ]
}

const differences = (want: unknown, got: unknown, place: Path, isExplained: (place: Path) => boolean): string[] => {
  if (got === null && want !== null) return isExplained(place) ? [] : [`null without an error at ${place.join('.')}`]
  if (Array.isArray(want) && Array.isArray(got) && want.length === got.length) {
    return want.flatMap((one, i) => differences(one, got[i], [...place, i], isExplained))
  }
  if (isObject(want) && isObject(got)) {
    const names = new Set([...Object.keys(want), ...Object.keys(got)])
    return [...names].flatMap(name => differences(want[name], got[name], [...place, name], isExplained))
  }
  if (Object.is(want, got)) return []
  return [`at ${place.join('.') || 'the top'}: ${short(got)} where the rows say ${short(want)}`]
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200)

/** Whether an error's place, or one around it, is null. */
const isNullAlong = (data: unknown, path: Path): boolean => {
  let at = data
  for (const step of path) {
    if (at === null || at === undefined) return true
    at = (at as Readonly<Record<string | number, unknown>>)[step]
  }
  return at === null || at === undefined
}
