import { remembered } from './boundedMemo.ts'

const EVENTS = 'text/event-stream'
const MULTIPART = 'multipart/mixed'
/**
 * All that an answer can be, in the order in which a wildcard gets it; each with the ranges that it is in, of which the
 * most specific counts.
 */
const RANGES: Readonly<Record<string, readonly string[]>> = {
  'application/json': ['application/json', 'application/*', '*/*'],
  'application/graphql-response+json': ['application/graphql-response+json', 'application/*', '*/*'],
  [MULTIPART]: [MULTIPART, 'multipart/*', '*/*'],
  [EVENTS]: [EVENTS, 'text/*', '*/*'],
}
const HTML = 'text/html'
const KNOWN = new Set([...Object.values(RANGES).flat(), HTML])
/** Accepts none of them. An empty header would accept all. */
const NOTHING = 'nothing'

interface Range {
  readonly name: string
  readonly weight: number
}

/**
 * An `Accept` header in which order alone says what is preferred, since neither Yoga nor the plain door reads weights: where
 * there are any, the types that are accepted, the most welcome first. Who writes `@defer` asks for parts: whatever weighs
 * more, they stay in it where they are accepted at all.
 */
export const withoutWeights = (accept: string | undefined): string | undefined =>
  accept?.includes(';') ? rewritten(accept) : accept

const rewritten = remembered(accept => {
  if (!/;\s*q=/i.test(accept)) return accept
  const ranges = rangesOf(accept)
  ranges.sort((a, b) => b.weight - a.weight)
  const accepted = Object.entries(RANGES).flatMap(([type, names]) => {
    const range = names.map(name => ranges.find(range => range.name === name)).find(range => range !== undefined)
    return range === undefined || range.weight === 0 ? [] : [{ type, ...range, place: ranges.indexOf(range) }]
  })
  accepted.sort((a, b) => a.place - b.place)
  const events = accepted.find(({ type }) => type === EVENTS)?.weight ?? 0
  // Yoga takes multipart where it may take either.
  const types = accepted.filter(({ type, weight }) => type !== MULTIPART || weight >= events)
  return types.map(({ type }) => type).join(', ') || NOTHING
})

/** Whether a page is wanted, as browsers do, and neither refused nor less welcome than JSON. */
export const prefersPage = (accept = ''): boolean => accept.includes(HTML) && isPagePreferred(accept)

const isPagePreferred = remembered(accept => {
  const ranges = rangesOf(accept)
  const weightOf = (type: string) => ranges.find(({ name }) => name === type)?.weight ?? 0
  const json = Math.max(weightOf('application/json'), weightOf('application/graphql-response+json'))
  return weightOf(HTML) > 0 && weightOf(HTML) >= json
})

const rangesOf = (accept: string): Range[] => accept.replace(/\s/g, '').toLowerCase().split(',').flatMap(rangeIn)

/** In UTF-8, which is all that there is. */
const rangeIn = (text: string): Range[] => {
  const [name = '', ...parameters] = text.split(';')
  if (!KNOWN.has(name)) return []
  if (parameters.some(parameter => parameter.includes('charset=') && parameter !== 'charset=utf-8')) return []
  const [, weight = 1] = /;q=(0(?:\.\d*)?|1(?:\.0*)?)(?:;|$)/.exec(text) ?? []
  return [{ name, weight: Number(weight) }]
}
