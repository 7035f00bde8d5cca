import type { Access } from '../access.ts'
import { wireArray, wireObject } from '../decode.ts'
import { believedTotal, dialectOf, type Envelope, isOwn, isOwnPath, type PageRequest } from './envelope.ts'
import { RestcommError } from '../errors.ts'
import type { Upstream } from '../upstream.ts'

/** The rows that a page has, and where they stand. */
export interface Page<T> {
  readonly start: number
  readonly rows: readonly T[]
  /** The list ends with these rows, or before them. */
  readonly atEnd: boolean
  /** The length of the list: proven by its end, or told by an envelope that can be believed; null otherwise. */
  readonly total: number | null
  /** What an envelope says that looks right, from a server that has to prove what it says; null otherwise. */
  readonly claimedTotal: number | null
}

/** A list of Restcomm's, as one caller reads it. */
export interface List<T> {
  readonly upstream: Upstream
  readonly access: Access
  /** What the list holds. */
  readonly noun: 'conferences' | 'calls'
  readonly path: string
  /** Filters and order; the page is added to them. */
  readonly query: URLSearchParams
  /** The member of the answer that holds the rows. */
  readonly member: string
  decode(row: unknown): T
}

/**
 * Reads a page.
 *
 * The rows are the truth: they are the right ones even where the envelope around them belongs to another request. So a
 * page that comes back short is the end of the list, whatever the envelope says.
 */
export const readPage = async <T>(list: List<T>, request: PageRequest): Promise<Page<T>> => {
  const answer = await ask(list, request)
  const start = request.page * request.size
  // Past the last page Restcomm answers 400.
  if (answer === null) return { start, rows: [], atEnd: true, total: null, claimedTotal: null }
  const { envelope, rows, alone } = answer
  if (rows.length > request.size) {
    throw new RestcommError('malformed', `Restcomm sent more ${list.noun} than a page holds.`)
  }
  const cap = cappedSize(list, envelope, rows.length, request)
  // At the front, a page that is not full is the whole list, whether the server shortens its pages or not.
  const capMatters = request.page > 0 || rows.length === cap
  if (cap !== null && capMatters && (await isCapped(list, request, cap))) {
    list.upstream.capPages(cap)
    return { start: request.page * cap, rows, atEnd: rows.length < cap, total: null, claimedTotal: null }
  }
  if (rows.length < request.size) {
    const total = rows.length > 0 || request.page === 0 ? start + rows.length : null
    if (total !== null && envelope.total !== total) list.upstream.trust.caught()
    return { start, rows, atEnd: true, total, claimedTotal: null }
  }
  const total = believedTotal(envelope, list.path, request, rows.length)
  if (total === null) list.upstream.trust.caught()
  const unproven = list.upstream.trust.needsProof(alone)
  return { start, rows, atEnd: false, total: unproven ? null : total, claimedTotal: unproven ? total : null }
}

interface Answer<T> {
  readonly envelope: Envelope
  readonly rows: readonly T[]
  readonly alone: boolean
}

/** Null past the end of the list. */
const ask = async <T>(list: List<T>, request: PageRequest): Promise<Answer<T> | null> => {
  try {
    return await askOnce(list, request)
  } catch (error) {
    if (error instanceof RestcommError && error.status === 400 && request.page > 0) return null
    throw error
  }
}

const askOnce = async <T>(list: List<T>, request: PageRequest): Promise<Answer<T>> => {
  const query = new URLSearchParams(list.query)
  query.set('Page', String(request.page))
  query.set('PageSize', String(request.size))
  const read = list.upstream.trust.reading({
    noun: list.noun,
    list: `${list.path}?${list.query}`,
    repeated: `${list.path} ${request.page}/${request.size}`,
  })
  let own: boolean | null = null
  try {
    const { members: envelope } = wireObject('list', await list.access.get(list.noun, list.path, query))
    list.upstream.saw(dialectOf(envelope))
    const rows = wireArray(`list of ${list.noun}`, envelope[list.member]).map(row => list.decode(row))
    own = isOwn(envelope, list.path, request) || cappedSize(list, envelope, rows.length, request) !== null
    return { envelope, rows, alone: read.alone }
  } finally {
    read.settled(own)
  }
}

/** The size that the cloud gave the page instead of the one that was asked for. */
const cappedSize = (list: List<unknown>, envelope: Envelope, rowCount: number, request: PageRequest): number | null => {
  const { page, page_size: size } = envelope
  const shortened = typeof size === 'number' && Number.isInteger(size) && size >= rowCount && size < request.size
  if (!shortened || size < 1 || list.upstream.dialect !== 'cloud') return null
  return page === request.page && isOwnPath(envelope, list.path) ? size : null
}

/** Another request's envelope can look like a cap; a cap shows again, the same, whatever size is asked for. */
const isCapped = async (list: List<unknown>, request: PageRequest, cap: number): Promise<boolean> => {
  const again = { page: request.page, size: request.size - 1 > cap ? request.size - 1 : request.size + 1 }
  const answer = await ask(list, again)
  return answer !== null && cappedSize(list, answer.envelope, answer.rows.length, again) === cap
}
