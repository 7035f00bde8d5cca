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
import { createAuthorizedHttp, nullIfNotFound } from './authorizedHttp.ts'
import { CALL, CONFERENCE, ImmutableRowCache, type RowKind } from './cache/immutableRowCache.ts'
import { ListCache } from './cache/listCache.ts'
import { notRestcomm, RestcommError } from './errors.ts'
import { countByScanning, countRows } from './paging/count.ts'
import type { Dialect, PageRequest } from './paging/envelope.ts'
import { type ListEndpoint, type Page, readPage } from './paging/readPage.ts'
import type { Principal } from './principal.ts'
import { conferenceCallList, postHangUp, readActiveCalls, readCall } from './resources/calls.ts'
import { conferenceList, readConference, readRunningConferences } from './resources/conferences.ts'
import { createOwnAccountMatcher } from './resources/ownAccountMatcher.ts'
import { postMute, readParticipants } from './resources/participants.ts'
import { readRecordings } from './resources/recordings.ts'
import { createUnknownAccountCheck } from './resources/unknownAccountCheck.ts'
import type { UpstreamState } from './upstreamState.ts'

export interface PagedList<T> {
  /** Maximum number of rows per page. Decreases when the gateway finds that the server caps page sizes. */
  readonly maxPageSize: number
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

/** Typed access to Restcomm for a principal. A missing account, conference or call is null; failures are thrown. */
export interface RestcommClient {
  /** `name` is the SID, or the e-mail address with which the account logs in. */
  account(name: string): Promise<Account | null>
  conference(key: ConferenceKey): Promise<Conference | null>
  /** Returns finished conferences from the cache, and null for an uncached conference. Sends no requests. */
  cachedConferences(keys: readonly ConferenceKey[]): Promise<readonly (Conference | null)[]>
  /** Restcomm does not check permissions for participants. The caller must read the conference first. */
  participants(conference: ConferenceKey): Promise<readonly Participant[]>
  call(key: CallKey): Promise<Call | null>
  recordings(call: CallKey): Promise<readonly Recording[]>
  conferences(accountSid: string, filter: ConferenceFilter): PagedList<Conference>
  /** All unfinished conferences of an account. */
  runningConferences(accountSid: string): Promise<readonly Conference[]>
  /** Last known number of the account's conferences; null before the first read. */
  lastConferenceCount(accountSid: string): number | null
  /** All call legs of a conference, including ended calls, oldest first. */
  conferenceCalls(conference: ConferenceKey): PagedList<Call>
  /** Calls in progress of the conference's account, at most one page. Some servers include ended calls. */
  activeCalls(conference: ConferenceKey): Promise<readonly Call[]>
  /**
   * Settles with Restcomm's response, even after a cancellation, and before Restcomm shows the new state. Disables the
   * list cache of the client, so that later reads see the new state.
   */
  setMuted(participant: Participant, muted: boolean): Promise<void>
  /**
   * A hang-up sets the mute state to `muted`, so `muted` must be the current mute state. Settles like `setMuted`.
   */
  hangUp(call: CallKey, muted: boolean): Promise<void>
  /** Returns the server's dialect. If the dialect is unknown, reads the first conference of the account. */
  dialect(accountSid: string): Promise<Dialect>
}

/** `bypass` is for polling: lists are not cached, and the cache shared by the replicas is not read. */
type CacheMode = 'use' | 'bypass'

export function createRestcommClient(
  upstream: UpstreamState,
  principal: Principal,
  cacheMode: CacheMode = 'use',
): RestcommClient {
  const { singleFlight, cache, accountSidCache, lastListLengths } = upstream
  const isOwnAccount = createOwnAccountMatcher(accountSidCache, principal)
  const http = createAuthorizedHttp(upstream.http, singleFlight, principal, isOwnAccount)
  /** Can read the principal's own account even if `principal.accounts` does not contain the account. */
  const unrestrictedHttp =
    principal.accounts === null
      ? http
      : createAuthorizedHttp(upstream.http, singleFlight, { ...principal, accounts: null }, isOwnAccount)
  const accountLookup = createUnknownAccountCheck(http, unrestrictedHttp, principal.account, isOwnAccount)
  const { withUnknownAccountCheck } = accountLookup
  const immutableRows = new ImmutableRowCache(cache, principal, cacheMode === 'use')
  const listCache = new ListCache(cache, principal.credentialHash, cacheMode === 'use')

  async function readRow<T extends ConferenceKey>(
    kind: RowKind<T>,
    key: ConferenceKey,
    read: () => Promise<T>,
  ): Promise<T | null> {
    const [cached = null] = await immutableRows.find(kind, [key])
    if (cached !== null) return cached
    cache.count('misses')
    const row = await nullIfNotFound(withUnknownAccountCheck(key.accountSid, read()))
    if (row !== null) immutableRows.store(kind, row)
    return row
  }

  function readList<T>(accountSid: string, response: Promise<T>): Promise<T> {
    return withUnknownAccountCheck(accountSid, rejectListNotFound(response))
  }

  function pagedList<T extends ConferenceKey>(
    accountSid: string,
    list: ListEndpoint<T>,
    kind: RowKind<T>,
  ): PagedList<T> {
    const listId = `${list.path}?${list.query}`
    return {
      get maxPageSize() {
        return upstream.maxPageSize
      },
      readPage: request =>
        listCache.read(`${listId} ${request.page}/${request.size}`, async () => {
          const page = await readList(accountSid, readPage(list, request))
          if (page.total !== null) lastListLengths.set(lengthKey(list), page.total)
          for (const row of page.rows) immutableRows.store(kind, row)
          return page
        }),
      count: unverifiedTotal =>
        listCache.read(`${listId} count`, async () => {
          const total = await readList(accountSid, countRows(list, unverifiedTotal))
          lastListLengths.set(lengthKey(list), total)
          return total
        }),
      countByScanning: () => {
        listCache.invalidate()
        return readList(accountSid, countByScanning(list))
      },
      invalidate: () => listCache.invalidate(),
      cursorDrifted: distance => upstream.http.observer.cursorDrifted(distance, principal.requestId),
    }
  }

  function conferences(accountSid: string, filter: ConferenceFilter): ListEndpoint<Conference> {
    return conferenceList(upstream, http, accountSid, filter)
  }

  function lengthKey({ path, query }: ListEndpoint<unknown>): string {
    return `${principal.credentialHash} ${path}?${query}`
  }

  return {
    account: accountLookup.findAccount,
    conference: key => readRow(CONFERENCE, key, () => readConference(http, key)),
    cachedConferences: keys => immutableRows.find(CONFERENCE, keys),
    participants: conference =>
      listCache.read(`participants ${conference.accountSid}/${conference.sid}`, () =>
        readParticipants(http, conference),
      ),
    call: key => readRow(CALL, key, () => readCall(http, key)),
    recordings: async call => {
      const recordings = withUnknownAccountCheck(call.accountSid, readRecordings(http, call))
      return (await nullIfNotFound(recordings)) ?? []
    },
    conferences: (accountSid, filter) => pagedList(accountSid, conferences(accountSid, filter), CONFERENCE),
    lastConferenceCount: accountSid => lastListLengths.get(lengthKey(conferences(accountSid, {}))) ?? null,
    runningConferences: accountSid => readList(accountSid, readRunningConferences(upstream, http, accountSid)),
    conferenceCalls: conference =>
      pagedList(conference.accountSid, conferenceCallList(upstream, http, conference), CALL),
    activeCalls: conference =>
      listCache.read(`active calls ${conference.accountSid}/${conference.sid}`, () =>
        readActiveCalls(upstream, http, conference),
      ),
    setMuted: (participant, muted) => {
      listCache.disable()
      return postMute(http, participant, muted)
    },
    hangUp: (call, muted) => {
      listCache.disable()
      return postHangUp(http, call, muted)
    },
    dialect: async accountSid => {
      if (upstream.dialect === null) {
        await withUnknownAccountCheck(accountSid, readPage(conferences(accountSid, {}), { page: 0, size: 1 }))
      }
      return upstream.dialect ?? 'connect'
    },
  }
}

async function rejectListNotFound<T>(response: Promise<T>): Promise<T> {
  try {
    return await response
  } catch (error) {
    if (error instanceof RestcommError && error.status === 404) throw notRestcomm()
    throw error
  }
}
