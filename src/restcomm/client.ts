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
import { accessFor, orNull } from './access.ts'
import type { Caller } from './principal.ts'
import { conferenceCallList, postHangUp, readCall, readLiveCalls } from './resources/calls.ts'
import { conferenceList, readConference, readRunningConferences } from './resources/conferences.ts'
import { countRows, recountRows } from './paging/count.ts'
import type { Dialect, PageRequest } from './paging/envelope.ts'
import { notRestcomm, RestcommError } from './errors.ts'
import { CALL, CONFERENCE, type FinalNoun, FinalRows } from './cache/immutableRows.ts'
import { KeptLists } from './cache/listCache.ts'
import { ownAccount } from './resources/ownAccount.ts'
import { type List, type Page, readPage } from './paging/readPage.ts'
import { postMute, readParticipants } from './resources/participants.ts'
import { readRecordings } from './resources/recordings.ts'
import { unknownAccount } from './resources/unknownAccount.ts'
import type { Upstream } from './upstream.ts'

/** A list that pages. */
export interface PagedList<T> {
  /** The largest page that may be asked for; a read lowers it when the server turns out to cap its pages. Rows. */
  readonly maximumPageSize: number
  readPage(request: PageRequest): Promise<Page<T>>
  /** How many rows it has. `claimed` is what a page's envelope said, where that still has to be proven. */
  count(claimed: number | null): Promise<number>
  /** How many rows it has, by looking for its end and nothing else. */
  recount(): Promise<number>
  /** The list turned out to have changed: what is kept of it counts no more. */
  forget(): void
}

/** Restcomm as one caller may see it. Null stands for what does not exist. Everything else that fails is thrown. */
export interface RestcommClient {
  /** By SID, or by the e-mail address that it is logged in with. */
  account(name: string): Promise<Account | null>
  conference(key: ConferenceKey): Promise<Conference | null>
  /** Those of them that are kept, since they are over and cannot change; null for each that has to be looked up. */
  keptConferences(keys: readonly ConferenceKey[]): Promise<readonly (Conference | null)[]>
  /** Only for a conference that this client has read: Restcomm does not check it. */
  participants(conference: ConferenceKey): Promise<readonly Participant[]>
  call(key: CallKey): Promise<Call | null>
  /** None, where the call does not exist. */
  recordings(call: CallKey): Promise<readonly Recording[]>
  conferences(accountSid: string, filter: ConferenceFilter): PagedList<Conference>
  /** Those of an account that are not over, all of them. */
  runningConferences(accountSid: string): Promise<readonly Conference[]>
  /** How many conferences the account had when its list was last read with these credentials; null if it never was. */
  lastLength(accountSid: string): number | null
  /** Every leg of a conference, oldest first. */
  callsOf(conference: ConferenceKey): PagedList<Call>
  /** The calls behind its participants, as far as they are of the conference's own account; some others, maybe. */
  liveCallsOf(conference: ConferenceKey): Promise<readonly Call[]>
  /**
   * Sent once; the participant shows it a moment later. `onLate` is told when that is over, where nobody waited for it any
   * more.
   */
  setMuted(participant: Participant, muted: boolean, onLate: () => void): Promise<void>
  /** As `setMuted`, with the flag that the participant has now: it would be lost otherwise. */
  hangUp(call: CallKey, muted: boolean, onLate: () => void): Promise<void>
  /** What the server speaks; asks it for one of the account's conferences when no answer has shown it yet. */
  dialect(accountSid: string): Promise<Dialect>
}

/** What a client may answer from: what is kept of earlier reads as well, or the present alone. */
type Reading = 'kept' | 'present'

/** `caller.account` is the SID or e-mail address of the caller's own account. */
export const createClient = (upstream: Upstream, caller: Caller, reading: Reading = 'kept'): RestcommClient => {
  const isOwnAccount = ownAccount(upstream.accountSids, caller)
  const access = accessFor(upstream.http, upstream.flights, caller, isOwnAccount, () => upstream.somethingWasDone())
  const ownAccess =
    caller.accounts === null
      ? access
      : accessFor(upstream.http, upstream.flights, { ...caller, accounts: null }, isOwnAccount)
  const { account, under } = unknownAccount(access, ownAccess, caller.account, isOwnAccount)
  const rows = new FinalRows(upstream.cache, caller, reading === 'kept')
  const lists = new KeptLists(upstream.cache, caller.credential, reading === 'kept')

  /** A row by its key: one that cannot change any more from among those that are kept. */
  const row = async <T extends ConferenceKey>(
    noun: FinalNoun<T>,
    key: ConferenceKey,
    read: () => Promise<T>,
  ): Promise<T | null> => {
    const [kept = null] = await rows.find(noun, [key])
    if (kept !== null) return kept
    upstream.cache.counted('misses')
    const found = await orNull(under(key.accountSid, read()))
    if (found !== null) rows.keep(noun, found)
    return found
  }

  const ofList = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (error instanceof RestcommError && error.status === 404) throw notRestcomm()
      throw error
    }
  }

  const paged = <T extends ConferenceKey>(accountSid: string, list: List<T>, noun: FinalNoun<T>): PagedList<T> => ({
    get maximumPageSize() {
      return upstream.maximumPageSize
    },
    readPage: request =>
      lists.read(`${list.path}?${list.query} ${request.page}/${request.size}`, async () => {
        const page = await under(accountSid, ofList(readPage(list, request)))
        if (page.total !== null) upstream.listLengths.set(nameOf(list), page.total)
        for (const found of page.rows) rows.keep(noun, found)
        return page
      }),
    count: claimed =>
      lists.read(`${list.path}?${list.query} count`, async () => {
        const total = await under(accountSid, ofList(countRows(list, claimed)))
        upstream.listLengths.set(nameOf(list), total)
        return total
      }),
    recount: () => {
      lists.forget()
      return under(accountSid, ofList(recountRows(list)))
    },
    forget: () => lists.forget(),
  })

  const conferences = (accountSid: string, filter: ConferenceFilter) =>
    conferenceList(upstream, access, accountSid, filter)
  const nameOf = ({ path, query }: List<unknown>): string => `${caller.credential} ${path}?${query}`

  return {
    account,
    conference: key => row(CONFERENCE, key, () => readConference(access, key)),
    keptConferences: keys => rows.find(CONFERENCE, keys),
    participants: conference =>
      lists.read(`participants ${conference.accountSid}/${conference.sid}`, () => readParticipants(access, conference)),
    call: key => row(CALL, key, () => readCall(access, key)),
    recordings: async call => (await orNull(under(call.accountSid, readRecordings(access, call)))) ?? [],
    conferences: (accountSid, filter) => paged(accountSid, conferences(accountSid, filter), CONFERENCE),
    lastLength: accountSid => upstream.listLengths.get(nameOf(conferences(accountSid, {}))) ?? null,
    runningConferences: accountSid => under(accountSid, ofList(readRunningConferences(upstream, access, accountSid))),
    callsOf: conference => paged(conference.accountSid, conferenceCallList(upstream, access, conference), CALL),
    liveCallsOf: conference =>
      lists.read(`live calls ${conference.accountSid}/${conference.sid}`, () =>
        readLiveCalls(upstream, access, conference),
      ),
    setMuted: (participant, muted, onLate) => lists.changedBy(postMute(access, participant, muted, onLate)),
    hangUp: (call, muted, onLate) => lists.changedBy(postHangUp(access, call, muted, onLate)),
    dialect: async accountSid => {
      if (upstream.dialect === null) {
        await under(accountSid, readPage(conferences(accountSid, {}), { page: 0, size: 1 }))
      }
      return upstream.dialect ?? 'connect'
    },
  }
}
