import { decodePercent, decodeTwice } from './percentDecoding.ts'

/**
 * Query or form parameters. Like in Restcomm, names are case-sensitive and only `&` separates pairs. If a name is
 * repeated, the first value counts.
 */
export type Parameters = ReadonlyMap<string, string>

const decodeForm = (text: string): string => decodePercent(text.replaceAll('+', ' '))

export function parseParameters(text: string, { twice = false } = {}): Parameters {
  const decode = twice ? (part: string) => decodeTwice(decodeForm(part)) : decodeForm
  const parameters = new Map<string, string>()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    if (!parameters.has(name)) parameters.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1)))
  }
  return parameters
}
