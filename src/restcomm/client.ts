import type {
  Account,
  Call,
  CallKey,
  Conference,
  ConferenceFilter,
  ConferenceKey,
  Participant,
  ParticipantKey,
  Recording,
} from '../model.ts'
import { readAccount } from './accounts.ts'
import { accessFor, type Caller, orNull } from './caller.ts'
import { conferenceCallList, postHangUp, readCall, readLiveCalls } from './calls.ts'
import { conferenceList, readConference, readRunningConferences } from './conferences.ts'
import { countRows, recountRows } from './count.ts'
import type { Dialect, PageRequest } from './envelope.ts'
import { RestcommError } from './errors.ts'
import { type List, type Page, readPage } from './page.ts'
import { postMute, readParticipants } from './participants.ts'
import { readRecordings } from './recordings.ts'
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
}

/** Restcomm as one caller may see it. Null stands for what does not exist. Everything else that fails is thrown. */
export interface RestcommClient {
  /** By SID, or by the e-mail address that it is logged in with. */
  account(name: string): Promise<Account | null>
  conference(key: ConferenceKey): Promise<Conference | null>
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
  /** Sent once; the participant shows it a moment later. */
  setMuted(participant: ParticipantKey, muted: boolean): Promise<void>
  /** Sent once, with the flag that the participant has now: it would be lost otherwise. */
  hangUp(call: CallKey, muted: boolean): Promise<void>
  /** What the server speaks; asks it for one of the account's conferences when no answer has shown it yet. */
  dialect(accountSid: string): Promise<Dialect>
}

/** `caller.account` is the SID or e-mail address of the caller's own account. */
export const createClient = (upstream: Upstream, caller: Caller): RestcommClient => {
  const access = accessFor(upstream.http, upstream.flights, caller)

  /**
   * Restcomm may answer 500 for an account that does not exist, as it does when it fails. It does so every time, and the
   * account that is asking does exist: when that one is answered for, the other is unknown.
   */
  const account = async (name: string): Promise<Account | null> => {
    try {
      const found = await orNull(readAccount(access, name))
      if (found === null && name === caller.account) throw notRestcomm()
      return found
    } catch (error) {
      if (!isServerError(error) || caller.account === null || name === caller.account) throw error
    }
    try {
      return await orNull(readAccount(access, name))
    } catch (error) {
      if (!isServerError(error)) throw error
      await readAccount(access, caller.account)
      return null
    }
  }

  /** Tells an account that does not exist from a server that fails, as `account` does. */
  const under = async <T>(accountSid: string, answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (isServerError(error) && accountSid !== caller.account && (await account(accountSid)) === null) {
        throw new RestcommError('notFound', 'There is no such account.')
      }
      throw error
    }
  }

  const ofList = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (error instanceof RestcommError && error.status === 404) throw notRestcomm()
      throw error
    }
  }

  const paged = <T>(accountSid: string, list: List<T>): PagedList<T> => ({
    get maximumPageSize() {
      return upstream.maximumPageSize
    },
    readPage: async request => {
      const page = await under(accountSid, ofList(readPage(list, request)))
      if (page.total !== null) upstream.listLengths.set(nameOf(list), page.total)
      return page
    },
    count: async claimed => {
      const total = await under(accountSid, ofList(countRows(list, claimed)))
      upstream.listLengths.set(nameOf(list), total)
      return total
    },
    recount: () => under(accountSid, ofList(recountRows(list))),
  })

  const conferences = (accountSid: string, filter: ConferenceFilter) =>
    conferenceList(upstream, access, accountSid, filter)
  const nameOf = ({ path, query }: List<unknown>): string => `${caller.credential} ${path}?${query}`

  return {
    account,
    conference: key => orNull(under(key.accountSid, readConference(access, key))),
    participants: conference => readParticipants(access, conference),
    call: key => orNull(under(key.accountSid, readCall(access, key))),
    recordings: async call => (await orNull(readRecordings(access, call))) ?? [],
    conferences: (accountSid, filter) => paged(accountSid, conferences(accountSid, filter)),
    lastLength: accountSid => upstream.listLengths.get(nameOf(conferences(accountSid, {}))) ?? null,
    runningConferences: accountSid => under(accountSid, readRunningConferences(upstream, access, accountSid)),
    callsOf: conference => paged(conference.accountSid, conferenceCallList(upstream, access, conference)),
    liveCallsOf: conference => readLiveCalls(upstream, access, conference),
    setMuted: (participant, muted) => postMute(access, participant, muted),
    hangUp: (call, muted) => postHangUp(access, call, muted),
    dialect: async accountSid => {
      if (upstream.dialect === null) {
        await under(accountSid, readPage(conferences(accountSid, {}), { page: 0, size: 1 }))
      }
      return upstream.dialect ?? 'connect'
    },
  }
}

/** Restcomm answers every look-up of a list, if only with an empty one, and has the account that logs in. */
const notRestcomm = (): RestcommError =>
  new RestcommError('unavailable', 'What answers is not a Restcomm; the gateway may have been given another address.')

const isServerError = (error: unknown): boolean => error instanceof RestcommError && error.status === 500
