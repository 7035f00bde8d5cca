/** The format of Restcomm's response, or `none` if Accept allows neither JSON nor XML. */
type Format = 'json' | 'xml' | 'none'

const ACCEPTED_RANGES = new Set(['*/*', 'application/*', 'application/xml', 'application/json'])

function isAcceptedRange(range: string): boolean {
  const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
  return ACCEPTED_RANGES.has(type) && !parameters.some(parameter => /^q=0(\.0*)?$/.test(parameter))
}

/**
 * Like Restcomm, gives a `.json` suffix in the path precedence over Accept. Otherwise Accept must allow XML or JSON.
 * The format is then JSON if Accept contains the text `json` anywhere, regardless of weights, and XML if not.
 */
export function formatOf(jsonPath: boolean, accept: string | undefined): Format {
  if (jsonPath) return 'json'
  if (accept === undefined) return 'xml'
  if (!accept.split(',').some(isAcceptedRange)) return 'none'
  return accept.includes('json') ? 'json' : 'xml'
}
