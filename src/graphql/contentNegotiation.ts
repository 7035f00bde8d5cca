import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'

const SINGLE_RESULT_TYPES = ['application/json', 'application/graphql-response+json'] as const
export type SingleResultType = (typeof SINGLE_RESULT_TYPES)[number]

/** The chosen media types per kind of response. Null: the client accepts no media type of that kind. */
export interface AcceptedTypes {
  readonly singleResult: SingleResultType | null
  /** For queries with `@defer` or `@stream`. */
  readonly incremental: 'multipart/mixed' | 'text/event-stream' | null
  readonly subscription: 'text/event-stream' | null
  /** Whether a browser prefers the page of GraphiQL to a single result. */
  readonly prefersHtml: boolean
}

const MAX_CACHED_HEADERS = 200
/** Further media ranges are ignored, because thousands of ranges would take several milliseconds. */
const MAX_RANGES = 50
const cachedTypes = new LRUCache<string, AcceptedTypes>({ max: MAX_CACHED_HEADERS })

/** Parameters without influence: all except a valid quality, and a charset other than UTF-8, which is not supported. */
const IGNORED_PARAMETERS = /;(?!\s*(?:q\s*=\s*\.?\d|charset\s*=(?!\s*"?utf-8)))[^;,]*/gi

/**
 * Chooses media types by an `Accept` header. Each kind of response has its own type, so that a client which prefers JSON
 * still receives `@defer` incrementally if the client accepts an incremental type. A missing or empty header accepts
 * every type. Of types with equal quality, the type with the more specific range, the first range and the first entry
 * in the lists below is chosen.
 */
export function negotiate(acceptHeader: string | undefined): AcceptedTypes {
  const accept = acceptHeader || '*/*'
  const cached = cachedTypes.get(accept)
  if (cached !== undefined) return cached
  const ranges = accept.split(',', MAX_RANGES).join(',')
  const negotiator = new Negotiator({ headers: { accept: ranges.replace(IGNORED_PARAMETERS, '') } })
  const choose = <Type extends string>(types: readonly Type[]): Type | null => {
    const chosen = negotiator.mediaType(types)
    return types.find(type => type === chosen) ?? null
  }
  const types: AcceptedTypes = {
    singleResult: choose(SINGLE_RESULT_TYPES),
    incremental: choose(['multipart/mixed', 'text/event-stream']),
    subscription: choose(['text/event-stream']),
    // A header with `*/*` or `text/*` and without `text/html` comes from a program, not from a browser.
    prefersHtml: /text\/html/i.test(accept) && choose([...SINGLE_RESULT_TYPES, 'text/html']) === 'text/html',
  }
  cachedTypes.set(accept, types)
  return types
}

/**
 * Returns an `Accept` header with which Yoga chooses the same types. Yoga reads no quality values, and prefers a single
 * result to an incremental response, and `multipart/mixed` to `text/event-stream`. The result is empty if no type is
 * accepted.
 */
export function acceptHeaderForYoga({ singleResult, incremental, subscription }: AcceptedTypes): string {
  const types = new Set([singleResult, incremental, subscription])
  types.delete(null)
  return [...types].join(', ')
}
