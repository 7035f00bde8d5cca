import { createBoundedMemo } from './boundedMemo.ts'

const EVENTS = 'text/event-stream'
const MULTIPART = 'multipart/mixed'
/** Keys: response types, preferred type first. Values: matching ranges of an `Accept` header, most specific first. */
const MATCHING_RANGES: Readonly<Record<string, readonly string[]>> = {
  'application/json': ['application/json', 'application/*', '*/*'],
  'application/graphql-response+json': ['application/graphql-response+json', 'application/*', '*/*'],
  [MULTIPART]: [MULTIPART, 'multipart/*', '*/*'],
  [EVENTS]: [EVENTS, 'text/*', '*/*'],
}
const HTML = 'text/html'
const KNOWN_RANGES = new Set([...Object.values(MATCHING_RANGES).flat(), HTML])
/** Replaces a header without a supported type. If the header were empty, Yoga would accept every type. */
const ACCEPTS_NOTHING = 'nothing'

interface Range {
  readonly type: string
  readonly quality: number
}

/**
 * Replaces a header with quality values (RFC 9110, 12.4.2) by a list of accepted types, highest quality first, because
 * neither Yoga nor the fast path reads quality values. Types for incremental delivery with a lower quality than JSON are
 * not dropped, because a client which sends `@defer` wants incremental delivery.
 */
export function sortAcceptByQuality(accept: string | undefined): string | undefined {
  return accept?.includes(';') ? sortByQuality(accept) : accept
}

const sortByQuality = createBoundedMemo(accept => {
  if (!/;\s*q=/i.test(accept)) return accept
  const ranges = parseRanges(accept)
  ranges.sort((a, b) => b.quality - a.quality)
  const accepted = Object.entries(MATCHING_RANGES).flatMap(([type, candidates]) => {
    const range = candidates
      .map(candidate => ranges.find(range => range.type === candidate))
      .find(range => range !== undefined)
    return range === undefined || range.quality === 0
      ? []
      : [{ type, quality: range.quality, rank: ranges.indexOf(range) }]
  })
  accepted.sort((a, b) => a.rank - b.rank)
  const eventsQuality = accepted.find(({ type }) => type === EVENTS)?.quality ?? 0
  // Drops multipart if the quality is below the quality of event streams, because Yoga would still prefer multipart.
  const types = accepted.filter(({ type, quality }) => type !== MULTIPART || quality >= eventsQuality)
  return types.map(({ type }) => type).join(', ') || ACCEPTS_NOTHING
})

export function prefersHtml(accept = ''): boolean {
  return accept.includes(HTML) && prefersHtmlMemo(accept)
}

const prefersHtmlMemo = createBoundedMemo(accept => {
  const ranges = parseRanges(accept)
  const qualityOf = (mediaType: string) => ranges.find(({ type }) => type === mediaType)?.quality ?? 0
  const json = Math.max(qualityOf('application/json'), qualityOf('application/graphql-response+json'))
  return qualityOf(HTML) > 0 && qualityOf(HTML) >= json
})

const parseRanges = (accept: string): Range[] => accept.replace(/\s/g, '').toLowerCase().split(',').flatMap(parseRange)

/** Returns no range if the type is unknown, or if the charset is not UTF-8. */
function parseRange(text: string): Range[] {
  const [type = '', ...parameters] = text.split(';')
  if (!KNOWN_RANGES.has(type)) return []
  if (parameters.some(parameter => parameter.includes('charset=') && parameter !== 'charset=utf-8')) return []
  const [, quality = 1] = /;q=(0(?:\.\d*)?|1(?:\.0*)?)(?:;|$)/.exec(text) ?? []
  return [{ type, quality: Number(quality) }]
}
