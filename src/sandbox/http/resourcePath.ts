import { API_VERSION } from '../rows/newRows.ts'
import { percentDecoded } from './percentDecoding.ts'

/** Where the API begins; everything before it is the base that clients are given. */
export const BASE_PATH = '/restcomm'

const ROOT = `${BASE_PATH}/${API_VERSION}/`

interface ResourcePath {
  /** Decoded, without `.json` and matrix parameters, without the root. */
  segments: readonly string[]
  /** How the envelope of a list names the resource. A matrix parameter stays in it. */
  uri: string
  /** Some segment carried `.json`, so the answer is JSON and the query is decoded twice. */
  json: boolean
}

/** Null when the path is not below the API's root. An empty segment in the middle leads to no resource. */
export const parseResourcePath = (rawPath: string): ResourcePath | null => {
  if (!rawPath.startsWith(ROOT)) return null
  const decoded = percentDecoded(rawPath.slice(ROOT.length))
  const json = decoded.includes('.json')
  const path = json ? withoutSuffix(decoded) : decoded
  const segments = (path.endsWith('/') ? path.slice(0, -1) : path).split('/')
  return { segments: segments.map(segment => segment.replace(/;.*/, '')), uri: `/${API_VERSION}/${path}`, json }
}

// Taking the suffix off rebuilds the path, and a slash at its end does not survive that.
const withoutSuffix = (path: string): string =>
  path
    .replace(/\/$/, '')
    .split('/')
    .map(segment => segment.replace('.json', ''))
    .join('/')
