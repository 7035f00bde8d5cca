import type { CallKey, Conference, ConferenceFilter, ConferenceKey, Participant } from '../model.ts'
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

export interface PagedList<T> {
  /** Maximum number of rows per page. Decreases when the gateway finds that the server caps page sizes. */
  readonly maxPageSize: number
  /** Last known length; null before the first read. */
  readonly lastLength: number | null
  readPage(request: PageRequest): Promise<Page<T>>
  /** Counts the rows. If `Page.unverifiedTotal` of an earlier page is passed and correct, fewer requests are needed. */
  count(unverifiedTotal: number | null): Promise<number>
  /** Empties the list cache, and counts the rows by searching for the end of the list. */
  countByScanning(): Promise<number>
  /** Empties the list cache. Must be called when rows show that the list has changed. */
  invalidate(): void
  /** Reports that a cursor's row has moved by `distance` rows, or was not found if `distance` is null. */
  cursorDrifted(distance: number | null): void
}

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

  conferences(accountSid: string, filter: ConferenceFilter) {
    return this.#pagedList(accountSid, conferenceList(this.#http, accountSid, filter), CONFERENCE)
  }

  /** All unfinished conferences of an account. */
  runningConferences(accountSid: string) {
    return this.#readList(accountSid, readRunningConferences(this.#http, accountSid))
  }

  /** All call legs of a conference, including ended calls, oldest first. */
  conferenceCalls(conference: ConferenceKey) {
    return this.#pagedList(conference.accountSid, conferenceCallList(this.#http, conference), CALL)
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

  #pagedList<T extends RowKey>(accountSid: string, list: ListEndpoint<T>, kind: RowKind<T>): PagedList<T> {
    const { upstream, principal } = this.#http
    const cache = this.#cache
    const listId = `${list.path}?${list.query}`
    const lengthKey = `${principal.credentialHash} ${listId}`
    return {
      get maxPageSize() {
        return upstream.maxPageSize
      },
      get lastLength() {
        return upstream.lastListLengths.get(lengthKey) ?? null
      },
      readPage: request =>
        cache.readList(`${listId} ${request.page}/${request.size}`, async () => {
          const page = await this.#readList(accountSid, readPage(list, request))
          if (page.total !== null) upstream.lastListLengths.set(lengthKey, page.total)
          for (const row of page.rows) cache.storeRow(kind, row)
          return page
        }),
      count: unverifiedTotal =>
        cache.readList(`${listId} count`, async () => {
          const total = await this.#readList(accountSid, countRows(list, unverifiedTotal))
          upstream.lastListLengths.set(lengthKey, total)
          return total
        }),
      countByScanning: () => {
        cache.invalidateLists()
        return this.#readList(accountSid, countByScanning(list))
      },
      invalidate: () => cache.invalidateLists(),
      cursorDrifted: distance => principal.operation?.cursorDrifted(distance),
    }
  }
}
