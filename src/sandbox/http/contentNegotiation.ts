/** What the server would answer in. The sandbox can only write JSON. */
type Format = 'json' | 'xml' | 'none'

const ADMITTED = new Set(['*/*', 'application/*', 'application/xml', 'application/json'])

const admits = (range: string): boolean => {
  const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
  return ADMITTED.has(type) && !parameters.some(parameter => /^q=0(\.0*)?$/.test(parameter))
}

/**
 * A `.json` in the path wins over any Accept. Otherwise Accept must admit XML or JSON at all; then it is JSON if the
 * header's text holds `json`, whatever its order and weights, and XML if not, as it is without the header.
 */
export const formatOf = (jsonPath: boolean, accept: string | undefined): Format => {
  if (jsonPath) return 'json'
  if (accept === undefined) return 'xml'
  if (!accept.split(',').some(admits)) return 'none'
  return accept.includes('json') ? 'json' : 'xml'
}
