import type {
  Account,
  Call,
  CallKey,
  Conference,
  ConferenceFilter,
  ConferenceKey,
  Participant,
} from '../../../src/model.ts'
import type { RestcommClient } from '../../../src/restcomm/client.ts'
import type { DecodingError } from '../../../src/restcomm/errors.ts'
import type { PageRequest } from '../../../src/restcomm/paging/envelope.ts'
import type { OnRows } from '../../../src/restcomm/paging/pagedList.ts'
import type { Page } from '../../../src/restcomm/paging/readPage.ts'

const LIST_LENGTH = 40
const PARTICIPANTS = 12
const RECORDINGS = 5

/**
 * The upstream with the most work for a query: no list is shorter than a page, no two rows refer to the same object, and
 * each value has the largest usual length. Counts the requests and rows.
 */
export class EndlessRestcomm implements RestcommClient {
  requests = 0
  rows = 0
  #lastNumber = 0

  readonly account = async (sid: string): Promise<Account> => {
    this.requests++
    const text = { friendlyName: 'A'.repeat(40), status: 'UNINITIALIZED' as const, type: 'Full' }
    return { ...DATES, sid, ...text, uri: `/2012-04-24/Accounts/${sid}.json` }
  }

  readonly conference = async (key: ConferenceKey): Promise<Conference> => {
    this.requests++
    return conferenceOf(key)
  }

  async cachedConferences(keys: readonly ConferenceKey[]): Promise<readonly null[]> {
    return keys.map(() => null)
  }

  readonly participants = async (conference: ConferenceKey): Promise<readonly Participant[]> => {
    this.requests++
    return Array.from({ length: PARTICIPANTS }, () => {
      const { accountSid, callSid } = { accountSid: this.#sid('AC'), callSid: this.#callSid() }
      const path = `/2012-04-24/Accounts/${accountSid}/Conferences/${conference.sid}/Participants/${callSid}.json`
      return { ...DATES, callSid, accountSid, conference, ...FLAGS, uri: path }
    })
  }

  readonly call = async ({ accountSid, sid }: CallKey): Promise<Call> => {
    this.requests++
    return callOf(accountSid, sid)
  }

  readonly recordings = async ({ accountSid, sid: callSid }: CallKey) => {
    this.requests++
    return Array.from({ length: RECORDINGS }, () => {
      const sid = this.#sid('RE')
      const fileUri = `https://restcomm.example.com:8443/restcomm/recordings/${accountSid}/${sid}.wav`
      const uri = `/2012-04-24/Accounts/${accountSid}/Recordings/${sid}.json`
      return { ...DATES, sid, accountSid, callSid, duration: 123_456.789, fileUri, uri }
    })
  }

  conferences(_accountSid: string, _filter: ConferenceFilter, onRows?: OnRows<Conference>) {
    return this.#list(() => conferenceOf(this.#key('CF')), onRows)
  }

  readonly runningConferences = async (): Promise<readonly Conference[]> => []

  conferenceCalls(_conference: ConferenceKey, onRows?: OnRows<Call>) {
    return this.#list(() => callOf(this.#sid('AC'), this.#callSid()), onRows)
  }

  /** Contains none of the calls, so that each call is looked up. */
  readonly activeCalls = async (): Promise<readonly Call[]> => {
    this.requests++
    return []
  }

  readonly setMuted = async (): Promise<void> => undefined
  readonly hangUp = async (): Promise<void> => undefined
  readonly dialect = async () => 'connect' as const

  #list<T extends ConferenceKey>(createRow: () => T, onRows?: OnRows<T>) {
    const pages = new Map<string, Promise<Page<T>>>()
    const readPage = async ({ page, size }: PageRequest) => {
      this.requests++
      const start = page * size
      const rows = Array.from({ length: Math.max(0, Math.min(size, LIST_LENGTH - start)) }, createRow)
      this.rows += rows.length
      onRows?.(rows)
      const atEnd = start + size > LIST_LENGTH
      return { start, rows, atEnd, total: null, unverifiedTotal: null }
    }
    const count = async () => {
      this.requests++
      return LIST_LENGTH
    }
    return {
      maxPageSize: 1_000,
      lastLength: null,
      idOf: (row: T | DecodingError) => ('sid' in row ? row.sid : '-'),
      read: (request: PageRequest) => {
        const key = `${request.page}/${request.size}`
        const page = pages.get(key) ?? readPage(request)
        pages.set(key, page)
        return page
      },
      total: count,
      recount: count,
      clear: () => pages.clear(),
      tryConsumeSearchPage: () => true,
      cursorDrifted: () => undefined,
    }
  }

  #sid(prefix: string): string {
    return `${prefix}${String(this.#lastNumber++).padStart(32, 'x')}`
  }

  #key(prefix: string): ConferenceKey {
    return { accountSid: this.#sid('AC'), sid: this.#sid(prefix) }
  }

  /** The longer form of a call's SID. */
  #callSid(): string {
    return `${this.#sid('ID')}-${this.#sid('CA')}`
  }
}

const DATES = { dateCreated: '2024-01-02T03:04:05+00:00', dateUpdated: '2024-01-02T03:04:06+00:00' }
const FLAGS = { muted: false, hold: false, startConferenceOnEnter: false, endConferenceOnExit: false }

function conferenceOf({ accountSid, sid }: ConferenceKey): Conference {
  return {
    ...DATES,
    sid,
    accountSid,
    friendlyName: 'N'.repeat(40),
    status: 'RUNNING_MODERATOR_PRESENT',
    statusText: 'RUNNING_MODERATOR_PRESENT',
    apiVersion: '2012-04-24',
    uri: `/2012-04-24/Accounts/${accountSid}/Conferences/${sid}.json`,
  }
}

function callOf(accountSid: string, sid: string): Call {
  return {
    ...DATES,
    sid,
    accountSid,
    parentCallSid: sid,
    from: 'sip:somebody-with-a-name@sip.example.com',
    to: 'client:somebody-with-a-long-name',
    callerName: 'C'.repeat(40),
    forwardedFrom: '+15551234567890',
    direction: 'OUTBOUND_DIAL',
    status: 'WAIT_FOR_ANSWER',
    statusText: 'wait-for-answer',
    answeredBy: 'sip:somebody-with-a-name@sip.example.com',
    startTime: DATES.dateCreated,
    endTime: DATES.dateUpdated,
    duration: 123_456.789,
    ringDuration: 1_234_567,
    uri: `/2012-04-24/Accounts/${accountSid}/Calls/${sid}.json`,
  }
}
