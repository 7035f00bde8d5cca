import { API_VERSION } from '../rows/newRows.ts'
import { decodePercent } from './percentDecoding.ts'

/** Path of the sandbox's URL, in front of the API version. */
export const BASE_PATH = '/restcomm'

const ROOT = `${BASE_PATH}/${API_VERSION}/`

interface ResourcePath {
  /** Decoded segments after the API version, without `.json` and matrix parameters (`;name=value`). */
  segments: readonly string[]
  /** The `uri` in the envelope of a list. Like in Restcomm, matrix parameters stay. */
  uri: string
  /** Whether a segment has the suffix `.json`: the response is JSON, and the query is decoded twice. */
  json: boolean
}

/** Null for a path outside the API. Empty segments in the middle of a path are kept, and match no route. */
export function parseResourcePath(rawPath: string): ResourcePath | null {
  if (!rawPath.startsWith(ROOT)) return null
  const decoded = decodePercent(rawPath.slice(ROOT.length))
  const json = decoded.includes('.json')
  const path = json ? removeJsonSuffix(decoded) : decoded
  const segments = (path.endsWith('/') ? path.slice(0, -1) : path).split('/')
  return { segments: segments.map(segment => segment.replace(/;.*/, '')), uri: `/${API_VERSION}/${path}`, json }
}

// Like Restcomm, removes a trailing slash as well.
function removeJsonSuffix(path: string): string {
  return path
    .replace(/\/$/, '')
    .split('/')
    .map(segment => segment.replace('.json', ''))
    .join('/')
}
