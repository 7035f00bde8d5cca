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
import { readAccount } from './accounts.ts'
import { accessFor, type Caller, orNull } from './caller.ts'
import { conferenceCallList, readCall } from './calls.ts'
import { conferenceList, readConference } from './conferences.ts'
import { countRows, recountRows } from './count.ts'
import type { Dialect, PageRequest } from './envelope.ts'
import { RestcommError } from './errors.ts'
import { type List, type Page, readPage } from './page.ts'
import { readParticipants } from './participants.ts'
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
  /** Every leg of a conference, oldest first. */
  callsOf(conference: ConferenceKey): PagedList<Call>
  /** What the server speaks; asks it for one of the account's conferences when no answer has shown it yet. */
  dialect(accountSid: string): Promise<Dialect>
}

/** `caller.account` is the SID or e-mail address of the caller's own account. */
export const createClient = (upstream: Upstream, caller: Caller): RestcommClient => {
  const access = accessFor(upstream.http, caller)

  /**
   * Restcomm answers 500 for an account that does not exist, as it does when it fails. The account that is asking
   * does exist: when that one is answered for, the other is unknown.
   */
  const account = async (name: string): Promise<Account | null> => {
    try {
      return await orNull(readAccount(access, name))
    } catch (error) {
      if (!isServerError(error) || caller.account === null || name === caller.account) throw error
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

  const paged = <T>(accountSid: string, list: List<T>): PagedList<T> => ({
    get maximumPageSize() {
      return upstream.maximumPageSize
    },
    readPage: request => under(accountSid, readPage(list, request)),
    count: claimed => under(accountSid, countRows(list, claimed)),
    recount: () => under(accountSid, recountRows(list)),
  })

  return {
    account,
    conference: key => orNull(under(key.accountSid, readConference(access, key))),
    participants: conference => readParticipants(access, conference),
    call: key => orNull(under(key.accountSid, readCall(access, key))),
    recordings: async call => (await orNull(readRecordings(access, call))) ?? [],
    conferences: (accountSid, filter) => paged(accountSid, conferenceList(upstream, access, accountSid, filter)),
    callsOf: conference => paged(conference.accountSid, conferenceCallList(upstream, access, conference)),
    dialect: async accountSid => {
      if (upstream.dialect === null) {
        await under(accountSid, readPage(conferenceList(upstream, access, accountSid, {}), { page: 0, size: 1 }))
      }
      return upstream.dialect ?? 'connect'
    },
  }
}

const isServerError = (error: unknown): boolean => error instanceof RestcommError && error.status === 500
