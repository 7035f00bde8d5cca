/** Format of Restcomm's response; `none` for status 406. The sandbox itself writes JSON only. */
type Format = 'json' | 'xml' | 'none'

const ACCEPTED_RANGES = new Set(['*/*', 'application/*', 'application/xml', 'application/json'])

function isAcceptedRange(range: string): boolean {
  const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
  return ACCEPTED_RANGES.has(type) && !parameters.some(parameter => /^q=0(\.0*)?$/.test(parameter))
}

/**
 * Like Restcomm, gives a `.json` suffix in the path precedence over Accept. Otherwise Accept must allow XML or JSON.
 * The format is JSON if the header contains the text `json` anywhere, regardless of order and weights, and else XML.
 */
export function formatOf(jsonPath: boolean, accept: string | undefined): Format {
  if (jsonPath) return 'json'
  if (accept === undefined) return 'xml'
  if (!accept.split(',').some(isAcceptedRange)) return 'none'
  return accept.includes('json') ? 'json' : 'xml'
}
