import type {
  Account,
  Call,
  CallKey,
  Conference,
  ConferenceFilter,
  ConferenceKey,
  Participant,
} from '../../../../src/model.ts'
import type { PagedList, RestcommClient } from '../../../../src/restcomm/client.ts'
import { FAILURES, RestcommError } from '../../../../src/restcomm/errors.ts'

const sid = (prefix: string, number: number) => `${prefix}${String(number).padStart(32, '0')}`
export const ACCOUNTS = [sid('AC', 0), sid('AC', 1)] as const
export const CONFERENCES = Array.from({ length: 9 }, (_, number) => sid('CF', number))
export const CALLS = Array.from({ length: 9 }, (_, number) => sid('CA', number))

const dates = { dateCreated: '2024-01-02T03:04:05+00:00', dateUpdated: '2024-01-02T03:04:06+00:00', uri: '/there' }
const owner = (number: number): string => ACCOUNTS[number % 4 === 3 ? 1 : 0]

/** Some of them are what no type allows: a value that is missing, that is an error, or that cannot be written. */
const conferences = CONFERENCES.map((sid, number) => ({
  ...dates,
  sid,
  accountSid: owner(number),
  friendlyName: number % 3 === 0 ? null : `Room "${number}"`,
  status: number === 4 ? 'SLEEPING' : number % 2 === 0 ? 'RUNNING_MODERATOR_PRESENT' : 'COMPLETED',
  statusText: number === 5 ? null : 'word',
  apiVersion: number === 6 ? new Error('It has none.') : '2012-04-24',
})) as unknown as readonly Conference[]

const calls = CALLS.map((sid, number) => ({
  ...dates,
  sid,
  accountSid: owner(number),
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

/** A Restcomm whose every answer, failure and delay follows from what is asked and from a seed, and from nothing else. */
export class MemoryRestcomm implements RestcommClient {
  readonly asked: string[] = []
  readonly #seed: number
  /** One answer in so many is a failure; 0 for none. */
  readonly #failing: number

  constructor(seed: number, failing: number) {
    this.#seed = seed
    this.#failing = failing
  }

  readonly account = (name: string): Promise<Account | null> => {
    const account = { ...dates, sid: name, friendlyName: 'Somebody', status: 'ACTIVE' as const, type: 'Full' }
    return this.#tell(`account ${name}`, () => (ACCOUNTS.some(known => known === name) ? account : null))
  }

  readonly conference = (key: ConferenceKey): Promise<Conference | null> => {
    return this.#tell(`conference ${key.accountSid} ${key.sid}`, () => find(conferences, key))
  }

  async keptConferences(keys: readonly ConferenceKey[]): Promise<readonly null[]> {
    return keys.map(() => null)
  }

  readonly participants = (conference: ConferenceKey): Promise<readonly Participant[]> => {
    return this.#tell(`participants ${conference.sid}`, () =>
      callsIn(conference).map(({ sid, accountSid }, place) => ({
        ...dates,
        callSid: sid,
        accountSid,
        conference,
        muted: place === 0 ? null : place % 2 === 0,
        hold: false,
        startConferenceOnEnter: true,
        endConferenceOnExit: null,
      })),
    )
  }

  readonly call = (key: CallKey): Promise<Call | null> => {
    return this.#tell(`call ${key.accountSid} ${key.sid}`, () => find(calls, key))
  }

  readonly recordings = (call: CallKey) => {
    return this.#tell(`recordings ${call.sid}`, () =>
      [0, 1].map(number => ({
        ...dates,
        sid: sid('RE', number),
        accountSid: call.accountSid,
        callSid: call.sid,
        duration: number === 0 ? 1.25 : Number.POSITIVE_INFINITY,
        fileUri: null,
      })),
    )
  }

  conferences(accountSid: string, filter: ConferenceFilter): PagedList<Conference> {
    const { status, limit } = filter
    const rows = conferences.filter(row => row.accountSid === accountSid && (!status || row.status === status))
    return this.#list(`conferences ${accountSid} ${JSON.stringify(filter)}`, rows.slice(0, limit))
  }

  readonly runningConferences = (accountSid: string): Promise<readonly Conference[]> => {
    return this.#tell(`running ${accountSid}`, () =>
      conferences.filter(row => row.accountSid === accountSid && row.status !== 'COMPLETED'),
    )
  }

  lastLength(): number | null {
    return null
  }

  callsOf(conference: ConferenceKey): PagedList<Call> {
    return this.#list(`calls ${conference.sid}`, callsIn(conference))
  }

  readonly liveCallsOf = (conference: ConferenceKey): Promise<readonly Call[]> => {
    return this.#tell(`live ${conference.sid}`, () => callsIn(conference))
  }

  setMuted(): Promise<void> {
    return this.#tell('setMuted', () => undefined)
  }

  hangUp(): Promise<void> {
    return this.#tell('hangUp', () => undefined)
  }

  async dialect() {
    return 'connect' as const
  }

  #list<T>(name: string, rows: readonly T[]): PagedList<T> {
    const count = () => this.#tell(`${name} count`, () => rows.length)
    return {
      maximumPageSize: 1_000,
      readPage: ({ page, size }) =>
        this.#tell(`${name} ${page} ${size}`, () => {
          const start = page * size
          const there = rows.slice(start, start + size)
          const atEnd = there.length < size
          return { start, rows: there, atEnd, total: atEnd ? rows.length : null, claimedTotal: null }
        }),
      count,
      recount: count,
      forget: () => undefined,
    }
  }

  async #tell<T>(what: string, answer: () => T): Promise<T> {
    this.asked.push(what)
    const chance = hash(`${this.#seed} ${what}`)
    for (let turns = chance % 11; turns > 0; turns--) await null
    if (this.#failing === 0 || (chance >>> 8) % this.#failing !== 0) return answer()
    const failure = FAILURES[(chance >>> 16) % FAILURES.length] ?? 'unavailable'
    throw chance % 3 === 0 ? new TypeError('A secret of the gateway.') : new RestcommError(failure, `${what}: no.`)
  }
}

const find = <T extends ConferenceKey>(rows: readonly T[], key: ConferenceKey): T | null =>
  rows.find(row => row.sid === key.sid && row.accountSid === key.accountSid) ?? null

const callsIn = ({ sid }: ConferenceKey): readonly Call[] => calls.slice(0, (CONFERENCES.indexOf(sid) * 2) % 7)

const hash = (text: string): number => {
  let value = 2_166_136_261
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 16_777_619)
  return (value ^ (value >>> 13)) >>> 0
}
