import type {
  Account,
  Call,
  CallKey,
  Conference,
  ConferenceFilter,
  ConferenceKey,
  Participant,
} from '../../../../src/model.ts'
import type { RestcommClient } from '../../../../src/restcomm/client.ts'
import { DecodingError, FAILURE_KINDS, invalidMember, RestcommError } from '../../../../src/restcomm/errors.ts'
import type { PageRequest } from '../../../../src/restcomm/paging/envelope.ts'
import type { OnRows } from '../../../../src/restcomm/paging/pagedList.ts'
import type { Page } from '../../../../src/restcomm/paging/readPage.ts'

const sid = (prefix: string, number: number) => `${prefix}${String(number).padStart(32, '0')}`
export const ACCOUNTS = [sid('AC', 0), sid('AC', 1)] as const
export const CONFERENCES = Array.from({ length: 9 }, (_, number) => sid('CF', number))
export const CALLS = Array.from({ length: 9 }, (_, number) => sid('CA', number))

const COMMON_FIELDS = {
  dateCreated: '2024-01-02T03:04:05+00:00',
  dateUpdated: '2024-01-02T03:04:06+00:00',
  uri: '/there',
}
const ownerOf = (number: number): string => ACCOUNTS[number % 4 === 3 ? 1 : 0]

/** Some values violate the types: missing, an error, or not serializable. */
const conferences = CONFERENCES.map((sid, number) => ({
  ...COMMON_FIELDS,
  sid,
  accountSid: ownerOf(number),
  friendlyName: number % 3 === 0 ? null : `Room "${number}"`,
  status: number === 4 ? 'SLEEPING' : number % 2 === 0 ? 'RUNNING_MODERATOR_PRESENT' : 'COMPLETED',
  statusText: number === 5 ? null : 'word',
  apiVersion: number === 6 ? invalidMember('conference', 'api_version', 'a string') : '2012-04-24',
})) as unknown as readonly Conference[]

const calls = CALLS.map((sid, number) => ({
  ...COMMON_FIELDS,
  sid,
  accountSid: ownerOf(number),
  parentCallSid: null,
  from: `+${number}`,
  to: null,
  callerName: null,
  forwardedFrom: null,
  direction: 'INBOUND',
  status: number === 2 ? null : 'IN_PROGRESS',
  statusText: 'in-progress',
  answeredBy: null,
  startTime: null,
  endTime: null,
  duration: number === 3 ? 1.5 : number,
  ringDuration: null,
})) as unknown as readonly Call[]

/** In-memory upstream. Responses, failures and delays depend only on the request and on the seed. */
export class MemoryRestcomm implements RestcommClient {
  readonly requests: string[] = []
  readonly #seed: number
  /** One of `failOneIn` responses fails; 0 disables failures. */
  readonly #failOneIn: number

  constructor(seed: number, failOneIn: number) {
    this.#seed = seed
    this.#failOneIn = failOneIn
  }

  readonly account = (name: string): Promise<Account | null> => {
    const account = { ...COMMON_FIELDS, sid: name, friendlyName: 'Somebody', status: 'ACTIVE' as const, type: 'Full' }
    return this.#respond(`account ${name}`, () => (ACCOUNTS.some(sid => sid === name) ? account : null))
  }

  readonly conference = (key: ConferenceKey): Promise<Conference | null> => {
    return this.#respond(`conference ${key.accountSid} ${key.sid}`, () => find(conferences, key))
  }

  async cachedConferences(keys: readonly ConferenceKey[]): Promise<readonly null[]> {
    return keys.map(() => null)
  }

  readonly participants = (conference: ConferenceKey): Promise<readonly Participant[]> => {
    return this.#respond(`participants ${conference.sid}`, () =>
      callsIn(conference).map(({ sid, accountSid }, index) => ({
        ...COMMON_FIELDS,
        callSid: sid,
        accountSid,
        conference,
        muted: index === 0 ? null : index % 2 === 0,
        hold: index === 2 ? invalidMember('participant', 'hold', 'true or false') : false,
        startConferenceOnEnter: true,
        endConferenceOnExit: null,
      })),
    )
  }

  readonly call = (key: CallKey): Promise<Call | null> => {
    return this.#respond(`call ${key.accountSid} ${key.sid}`, () => find(calls, key))
  }

  readonly recordings = (call: CallKey) => {
    return this.#respond(`recordings ${call.sid}`, () =>
      [0, 1].map(number => ({
        ...COMMON_FIELDS,
        sid: sid('RE', number),
        accountSid: call.accountSid,
        callSid: call.sid,
        duration: number === 0 ? 1.25 : Number.POSITIVE_INFINITY,
        fileUri: null,
      })),
    )
  }

  conferences(accountSid: string, filter: ConferenceFilter, onRows?: OnRows<Conference>) {
    const { status, limit } = filter
    const rows = conferences.filter(row => row.accountSid === accountSid && (!status || row.status === status))
    return this.#list(`conferences ${accountSid} ${JSON.stringify(filter)}`, rows.slice(0, limit), onRows)
  }

  readonly runningConferences = (accountSid: string): Promise<readonly Conference[]> => {
    return this.#respond(`running ${accountSid}`, () =>
      conferences.filter(row => row.accountSid === accountSid && row.status !== 'COMPLETED'),
    )
  }

  conferenceCalls(conference: ConferenceKey, onRows?: OnRows<Call>) {
    return this.#list(`calls ${conference.sid}`, callsIn(conference), onRows)
  }

  readonly activeCalls = (conference: ConferenceKey): Promise<readonly Call[]> => {
    return this.#respond(`live ${conference.sid}`, () => callsIn(conference))
  }

  setMuted(): Promise<void> {
    return this.#respond('setMuted', () => undefined)
  }

  hangUp(): Promise<void> {
    return this.#respond('hangUp', () => undefined)
  }

  async dialect() {
    return 'connect' as const
  }

  /** The row at position 1 of a list has no valid identity. */
  #list<T extends ConferenceKey>(name: string, readable: readonly T[], onRows?: OnRows<T>) {
    const unreadable = new DecodingError('The row has no SID.', 'unreadable')
    const rows = readable.map((row, position) => (position === 1 ? unreadable : row))
    const reads = new Map<string, Promise<Page<T>>>()
    const readPage = async ({ page, size }: PageRequest) => {
      const start = page * size
      const pageRows = await this.#respond(`${name} ${page} ${size}`, () => rows.slice(start, start + size))
      const atEnd = pageRows.length < size
      onRows?.(pageRows)
      return { start, rows: pageRows, atEnd, total: atEnd ? rows.length : null, unverifiedTotal: null }
    }
    const count = () => this.#respond(`${name} count`, () => rows.length)
    return {
      maxPageSize: 1_000,
      lastLength: null,
      idOf: (row: T | DecodingError) => (row instanceof DecodingError ? row.rowId : row.sid),
      read: (request: PageRequest) => {
        const key = `${request.page}/${request.size}`
        const read = reads.get(key) ?? readPage(request)
        reads.set(key, read)
        return read
      },
      total: count,
      recount: count,
      clear: () => reads.clear(),
      tryConsumeSearchPage: () => true,
      cursorDrifted: () => undefined,
    }
  }

  async #respond<T>(request: string, createResponse: () => T): Promise<T> {
    this.requests.push(request)
    const chance = hash(`${this.#seed} ${request}`)
    for (let microtasks = chance % 11; microtasks > 0; microtasks--) await null
    if (this.#failOneIn === 0 || (chance >>> 8) % this.#failOneIn !== 0) return createResponse()
    const failure = FAILURE_KINDS[(chance >>> 16) % FAILURE_KINDS.length] ?? 'unavailable'
    throw chance % 3 === 0 ? new TypeError('An internal detail.') : new RestcommError(failure, `${request} failed.`)
  }
}

const find = <T extends ConferenceKey>(rows: readonly T[], key: ConferenceKey): T | null =>
  rows.find(row => row.sid === key.sid && row.accountSid === key.accountSid) ?? null

const callsIn = ({ sid }: ConferenceKey): readonly Call[] => calls.slice(0, (CONFERENCES.indexOf(sid) * 2) % 7)

function hash(text: string): number {
  let value = 2_166_136_261
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 16_777_619)
  return (value ^ (value >>> 13)) >>> 0
}
