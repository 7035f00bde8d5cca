import { API_VERSION } from '../rows/newRows.ts'
import { decodePercent } from './percentDecoding.ts'

/** The first segment of all paths; the API version follows. */
export const BASE_PATH = '/restcomm'

const ROOT = `${BASE_PATH}/${API_VERSION}/`

interface ResourcePath {
  /** Decoded segments after the API version, without `.json` and matrix parameters (`;name=value`). */
  segments: readonly string[]
  /** The `uri` in the envelope of a list. Like in Restcomm, includes matrix parameters. */
  uri: string
  /** Whether the path contains `.json`. If so, the response is JSON and the query is decoded twice. */
  json: boolean
}

/** Returns null for a path outside the API. Empty segments inside a path are kept and match no route. */
export function parseResourcePath(rawPath: string): ResourcePath | null {
  if (!rawPath.startsWith(ROOT)) return null
  const decoded = decodePercent(rawPath.slice(ROOT.length))
  const json = decoded.includes('.json')
  const path = json ? removeJsonSuffix(decoded) : decoded
  const segments = (path.endsWith('/') ? path.slice(0, -1) : path).split('/')
  return { segments: segments.map(segment => segment.replace(/;.*/, '')), uri: `/${API_VERSION}/${path}`, json }
}

// Like Restcomm, removes a trailing slash of the path, and the first `.json` of each segment.
function removeJsonSuffix(path: string): string {
  return path
    .replace(/\/$/, '')
    .split('/')
    .map(segment => segment.replace('.json', ''))
    .join('/')
}
