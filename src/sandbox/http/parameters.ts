import { decodedAgain, percentDecoded } from './percentDecoding.ts'

/** Query or form parameters. Names are case-sensitive, the first of two counts, and only `&` separates. */
export type Parameters = ReadonlyMap<string, string>

const formDecoded = (text: string): string => percentDecoded(text.replaceAll('+', ' '))

export const parseParameters = (text: string, { twice = false } = {}): Parameters => {
  const decode = twice ? (part: string) => decodedAgain(formDecoded(part)) : formDecoded
  const parameters = new Map<string, string>()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    if (!parameters.has(name)) parameters.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1)))
  }
  return parameters
}
