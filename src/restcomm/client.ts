import type { Call, CallKey, Conference, ConferenceFilter, ConferenceKey, Participant } from '../model.ts'
import { AuthorizedHttp } from './authorizedHttp.ts'
import { type CacheMode, RequestCache, type RowKey, type RowKind } from './cache/requestCache.ts'
import { notRestcomm, nullIfNotFound, RestcommError } from './errors.ts'
import { countByScanning, countRows } from './paging/count.ts'
import type { Dialect, PageRequest } from './paging/envelope.ts'
import { type ListEndpoint, type Page, readPage } from './paging/readPage.ts'
import type { Principal } from './principal.ts'
import { explainError, findAccount } from './resources/accounts.ts'
import { CALL, conferenceCallList, postHangUp, readActiveCalls } from './resources/calls.ts'
import { CONFERENCE, conferenceList, readRunningConferences } from './resources/conferences.ts'
import { postMute, readParticipants } from './resources/participants.ts'
import { readRecordings } from './resources/recordings.ts'
import type { UpstreamState } from './upstreamState.ts'

type OnRows<T> = (rows: readonly T[]) => void

/** The public methods of `HttpRestcommClient`, so that tests can replace the client. */
export type RestcommClient = Pick<HttpRestcommClient, keyof HttpRestcommClient>

/** Typed access to Restcomm for a principal. A missing account, conference or call is null; failures are thrown. */
export class HttpRestcommClient {
  readonly #http: AuthorizedHttp
  readonly #cache: RequestCache

  constructor(upstream: UpstreamState, principal: Principal, cacheMode: CacheMode = 'use') {
    this.#http = new AuthorizedHttp(upstream, principal)
    this.#cache = new RequestCache(upstream.cache, principal, cacheMode)
  }

  /** `name` is the SID, or the e-mail address with which the account logs in. */
  account(name: string) {
    return findAccount(this.#http, name)
  }

  conference(key: ConferenceKey) {
    return this.#readRow(CONFERENCE, key)
  }

  /** Returns finished conferences from the cache, and null for an uncached conference. Sends no requests. */
  cachedConferences(keys: readonly ConferenceKey[]): Promise<readonly (Conference | null)[]> {
    return this.#cache.findRows(keys)
  }

  /** Restcomm does not check permissions for participants. The caller must read the conference first. */
  participants(conference: ConferenceKey) {
    const listId = `participants ${conference.accountSid}/${conference.sid}`
    return this.#cache.readList(listId, () => readParticipants(this.#http, conference))
  }

  call(key: CallKey) {
    return this.#readRow(CALL, key)
  }

  async recordings(call: CallKey) {
    try {
      return await readRecordings(this.#http, call)
    } catch (error) {
      return nullIfNotFound(await explainError(this.#http, call.accountSid, error)) ?? []
    }
  }

  /** `onRows` is called with the rows of each page. */
  conferences(accountSid: string, filter: ConferenceFilter, onRows: OnRows<Conference> = () => undefined) {
    return this.#pagedList(accountSid, conferenceList(this.#http, accountSid, filter), CONFERENCE, onRows)
  }

  /** All unfinished conferences of an account. */
  runningConferences(accountSid: string) {
    return this.#readList(accountSid, readRunningConferences(this.#http, accountSid))
  }

  /** All call legs of a conference, including ended calls, oldest first. `onRows` is called as by `conferences`. */
  conferenceCalls(conference: ConferenceKey, onRows: OnRows<Call> = () => undefined) {
    return this.#pagedList(conference.accountSid, conferenceCallList(this.#http, conference), CALL, onRows)
  }

  /** Calls in progress of the conference's account, at most one page. Some servers include ended calls. */
  activeCalls(conference: ConferenceKey) {
    const listId = `active calls ${conference.accountSid}/${conference.sid}`
    return this.#cache.readList(listId, () => readActiveCalls(this.#http, conference))
  }

  /**
   * Settles with Restcomm's response, even after a cancellation, and before Restcomm shows the new state. Disables the
   * list cache of the client, so that later reads see the new state.
   */
  setMuted(participant: Participant, muted: boolean): Promise<void> {
    this.#cache.disableLists()
    return postMute(this.#http, participant, muted)
  }

  /**
   * A hang-up sets the mute state to `muted`, so `muted` must be the current mute state. Settles like `setMuted`.
   */
  hangUp(call: CallKey, muted: boolean): Promise<void> {
    this.#cache.disableLists()
    return postHangUp(this.#http, call, muted)
  }

  /** Returns the server's dialect. If the dialect is unknown, reads the first conference of the account. */
  async dialect(accountSid: string): Promise<Dialect> {
    if (this.#http.upstream.dialect === null) {
      await this.#readList(accountSid, readPage(conferenceList(this.#http, accountSid, {}), { page: 0, size: 1 }))
    }
    return this.#http.upstream.dialect ?? 'connect'
  }

  async #readRow<T extends RowKey>(kind: RowKind<T>, key: RowKey): Promise<T | null> {
    const [cached = null] = await this.#cache.findRows<T>([key])
    if (cached !== null) return cached
    this.#http.upstream.cache.counts.misses++
    try {
      const row = kind.decode(await this.#http.get(kind.resource, kind.path(key)))
      this.#cache.storeRow(kind, row)
      return row
    } catch (error) {
      return nullIfNotFound(await explainError(this.#http, key.accountSid, error))
    }
  }

  async #readList<T>(accountSid: string, response: Promise<T>): Promise<T> {
    try {
      return await response
    } catch (error) {
      if (error instanceof RestcommError && error.status === 404) throw notRestcomm()
      throw await explainError(this.#http, accountSid, error)
    }
  }

  /** A list for the duration of a GraphQL request. Reads each page once and remembers the total reported by a page. */
  #pagedList<T extends RowKey>(accountSid: string, list: ListEndpoint<T>, kind: RowKind<T>, onRows: OnRows<T>) {
    const { upstream, principal } = this.#http
    const listId = `${list.path}?${list.query}`
    const lengthKey = `${principal.credentialHash} ${listId}`
    const reads = new Map<string, Promise<Page<T>>>()
    let knownTotal: number | null = null
    let unverifiedTotal: number | null = null
    let count: Promise<number> | undefined
    const fetchPage = async (request: PageRequest) => {
      const page = await this.#readList(accountSid, readPage(list, request))
      if (page.total !== null) upstream.lastListLengths.set(lengthKey, page.total)
      for (const row of page.rows) this.#cache.storeRow(kind, row)
      return page
    }
    const countRowsOnce = async () => {
      const total = await this.#readList(accountSid, countRows(list, unverifiedTotal))
      upstream.lastListLengths.set(lengthKey, total)
      return total
    }
    const readAndRemember = async (key: string, request: PageRequest) => {
      const page = await this.#cache.readList(`${listId} ${key}`, () => fetchPage(request))
      knownTotal = page.total ?? knownTotal
      unverifiedTotal = page.unverifiedTotal ?? unverifiedTotal
      onRows(page.rows)
      return page
    }
    /** Empties the list cache, and discards all pages. Must be called when rows show that the list has changed. */
    const clear = () => {
      this.#cache.invalidateLists()
      reads.clear()
      knownTotal = unverifiedTotal = null
      count = undefined
    }
    return {
      /** Maximum number of rows per page. Decreases when the gateway finds that the server caps page sizes. */
      get maxPageSize() {
        return upstream.maxPageSize
      },
      /** Last known length; null before the first read. */
      get lastLength() {
        return upstream.lastListLengths.get(lengthKey) ?? null
      },
      idOf: ({ sid }: T) => sid,
      read: (request: PageRequest): Promise<Page<T>> => {
        const key = `${request.page}/${request.size}`
        const read = reads.get(key) ?? readAndRemember(key, request)
        reads.set(key, read)
        return read
      },
      /** Needs no request if a page with a trusted total has been read or is being read. */
      total: async (): Promise<number> => {
        await Promise.allSettled(reads.values())
        if (knownTotal !== null) return knownTotal
        count ??= this.#cache.readList(`${listId} count`, countRowsOnce)
        return count
      },
      /** Counts the rows by searching for the end of the list. */
      recount: async (): Promise<number> => {
        clear()
        knownTotal = await this.#readList(accountSid, countByScanning(list))
        return knownTotal
      },
      clear,
      /** Reports that a cursor's row has moved by `distance` rows, or was not found if `distance` is null. */
      cursorDrifted: (distance: number | null) => principal.operation?.cursorDrifted(distance),
    }
  }
}
