import type {
  Account,
  Call,
  CallKey,
  Conference,
  ConferenceFilter,
  ConferenceKey,
  Participant,
  Recording,
} from '../model.ts'
import { AuthorizedHttp } from './authorizedHttp.ts'
import { type CacheMode, RequestCache, type RowKey, type RowKind } from './cache/requestCache.ts'
import { DecodingError, nullIfNotFound } from './errors.ts'
import type { Dialect } from './paging/envelope.ts'
import { HttpPagedList, type OnRows, type PagedList, type SearchBudget } from './paging/pagedList.ts'
import { readPage } from './paging/readPage.ts'
import type { Principal } from './principal.ts'
import { explainError, explainListErrors, findAccount } from './resources/accounts.ts'
import { CALL, conferenceCallList, postHangUp, readActiveCalls } from './resources/calls.ts'
import { CONFERENCE, conferenceList, readRunningConferences } from './resources/conferences.ts'
import { postMute, readParticipants } from './resources/participants.ts'
import { readRecordings } from './resources/recordings.ts'
import type { UpstreamState } from './upstreamState.ts'

/** The public methods of `HttpRestcommClient`, so that tests can replace the client. */
export type RestcommClient = Pick<HttpRestcommClient, keyof HttpRestcommClient>

/**
 * Two cursors can be searched as far as possible. A client can write cursors with an invented row, and a query can have a
 * cursor for each of hundreds of lists.
 */
const MAX_SEARCH_PAGES = 40

/** Typed access to Restcomm for a principal. A missing account, conference or call is null; failures are thrown. */
export class HttpRestcommClient {
  readonly #http: AuthorizedHttp
  readonly #cache: RequestCache
  readonly #searchBudget: SearchBudget = { remainingPages: MAX_SEARCH_PAGES }

  constructor(upstream: UpstreamState, principal: Principal, cacheMode: CacheMode = 'use') {
    this.#http = new AuthorizedHttp(upstream, principal, cacheMode === 'use')
    this.#cache = new RequestCache(upstream.cache, principal, cacheMode)
  }

  /** `name` is the SID, or the e-mail address with which the account logs in. */
  account(name: string): Promise<Account | null> {
    return findAccount(this.#http, name)
  }

  conference(key: ConferenceKey): Promise<Conference | null> {
    return this.#readRow(CONFERENCE, key)
  }

  /** Returns finished conferences from the cache, and null for an uncached conference. Sends no requests. */
  cachedConferences(keys: readonly ConferenceKey[]): Promise<readonly (Conference | null)[]> {
    return this.#cache.findRows(keys)
  }

  /** Restcomm does not check permissions for participants. The caller must read the conference first. */
  participants(conference: ConferenceKey): Promise<readonly (Participant | DecodingError)[]> {
    const listId = `participants ${conference.accountSid}/${conference.sid}`
    return this.#cache.readList(listId, () => readParticipants(this.#http, conference))
  }

  call(key: CallKey): Promise<Call | null> {
    return this.#readRow(CALL, key)
  }

  /** Empty for an unknown call. */
  async recordings(call: CallKey): Promise<readonly (Recording | DecodingError)[]> {
    try {
      return await readRecordings(this.#http, call)
    } catch (error) {
      return nullIfNotFound(await explainError(this.#http, call.accountSid, error)) ?? []
    }
  }

  /** `onRows` is called with the rows of each page. */
  conferences(accountSid: string, filter: ConferenceFilter, onRows?: OnRows<Conference>): PagedList<Conference> {
    const list = conferenceList(this.#http, accountSid, filter)
    return new HttpPagedList({
      http: this.#http,
      cache: this.#cache,
      accountSid,
      list,
      kind: CONFERENCE,
      searchBudget: this.#searchBudget,
      onRows,
    })
  }

  /** All unfinished conferences of an account. */
  runningConferences(accountSid: string): Promise<readonly (Conference | DecodingError)[]> {
    return explainListErrors(this.#http, accountSid, readRunningConferences(this.#http, accountSid))
  }

  /** All call legs of a conference, including ended calls, oldest first. `onRows` is called as by `conferences`. */
  conferenceCalls(conference: ConferenceKey, onRows?: OnRows<Call>): PagedList<Call> {
    const list = conferenceCallList(this.#http, conference)
    const { accountSid } = conference
    return new HttpPagedList({
      http: this.#http,
      cache: this.#cache,
      accountSid,
      list,
      kind: CALL,
      searchBudget: this.#searchBudget,
      onRows,
    })
  }

  /** Calls in progress of the conference's account, at most one page. Some servers include ended calls. */
  activeCalls(conference: ConferenceKey): Promise<readonly Call[]> {
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
      const firstPage = readPage(conferenceList(this.#http, accountSid, {}), { page: 0, size: 1 })
      await explainListErrors(this.#http, accountSid, firstPage)
    }
    return this.#http.upstream.dialect ?? 'connect'
  }

  async #readRow<T extends RowKey>(kind: RowKind<T>, key: RowKey): Promise<T | null> {
    const [cached = null] = await this.#cache.findRows<T>([key])
    if (cached !== null) return cached
    this.#http.upstream.cache.counts.misses++
    try {
      const row = kind.decode(await this.#http.get(kind.resource, kind.path(key)))
      // Ignores the case of letters like some databases of Restcomm.
      if (`${row.accountSid} ${row.sid}`.toLowerCase() !== `${key.accountSid} ${key.sid}`.toLowerCase()) {
        throw new DecodingError(`Restcomm returned a different ${kind.resource} than requested.`)
      }
      this.#cache.storeRow(kind, row)
      return row
    } catch (error) {
      return nullIfNotFound(await explainError(this.#http, key.accountSid, error))
    }
  }
}
