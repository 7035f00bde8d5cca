import {
  type Call,
  type Conference,
  type ConferenceKey,
  isConferenceOver,
  isReadable,
  type Participant,
  type ParticipantKey,
  type RecordingKey,
  timeOf,
} from '../model.ts'
import { type Connection, type ConnectionArgs, parseConnectionArgs } from '../relay/connection.ts'
import { listFingerprint, type SortKey } from '../relay/cursor.ts'
import { offsetConnection } from '../relay/offsetConnection.ts'
import { sortByKey, sortedConnection } from '../relay/sortedConnection.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { DecodingError, findRow } from '../restcomm/errors.ts'
import type { PageRequest } from '../restcomm/paging/envelope.ts'
import type { PagedList } from '../restcomm/paging/pagedList.ts'
import { userInputError } from '../userInputError.ts'
import { ConferenceLists, getOrCreate, type ListLimits } from './conferenceLists.ts'
import { RowBudget } from './readAllRows.ts'
import { loadEach, RowLoader } from './rowLoader.ts'

interface ParticipantArgs extends ConnectionArgs {
  readonly filter?: { readonly muted?: boolean | null; readonly hold?: boolean | null } | null | undefined
}

/**
 * All loaders of a GraphQL request. An unknown account, conference or call is null. Loaded rows are remembered, so
 * `clear` must be called before each event of a subscription.
 */
export class Loaders {
  readonly account = new RowLoader(
    'account',
    (sid: string) => sid,
    sids => loadEach(sids, sid => this.#client.account(sid)),
  )
  readonly conference = new RowLoader('conference', rowId, keys => loadConferences(this.#client, keys))
  /** Empty for an unknown or ended conference. */
  readonly participants = new RowLoader('participants', rowId, keys => {
    return loadEach(keys, key => this.#readParticipants(key))
  })
  readonly call = new RowLoader('call', rowId, keys => loadEach(keys, key => this.#client.call(key)))
  readonly participantCall = new RowLoader(
    'participant calls',
    ({ accountSid, callSid }: Participant) => `${accountSid}/${callSid}`,
    participants => this.#readParticipantCalls(participants),
  )
  /** Empty for an unknown call. */
  readonly recordings = new RowLoader('recordings', rowId, keys => loadEach(keys, key => this.#client.recordings(key)))
  readonly #client: RestcommClient
  readonly #limits: ListLimits
  /** Created on first use, because most requests read no conference list. */
  #conferences: ConferenceLists | undefined
  readonly #callLists = new Map<string, PagedList<Call>>()
  #participantRows = createParticipantBudget()
  /** Functions that read the active calls of a conference, by the SID of the conference. */
  readonly #prefetchedCalls = new Map<string, () => Promise<readonly Call[]>>()

  constructor(client: RestcommClient, limits: ListLimits) {
    this.#client = client
    this.#limits = limits
  }

  get conferences(): ConferenceLists {
    this.#conferences ??= new ConferenceLists(this.#client, this.#limits, rows => primeAll(this.conference, rows))
    return this.#conferences
  }

  /** Searches the participant list, because Restcomm's lookup of a single participant ignores the conference. */
  async participant({ conference, callSid }: ParticipantKey): Promise<Participant | null> {
    return findRow(await this.participants.load(conference), participant => participant.callSid === callSid)
  }

  /** Searches the recordings of the call, because a recording looked up by SID does not show the call's account. */
  async recording({ call, sid }: RecordingKey) {
    return findRow(await this.recordings.load(call), recording => recording.sid === sid)
  }

  /** Call legs of a conference. Fields which select the same list share the pages already read. */
  callConnection(conference: ConferenceKey, args: ConnectionArgs): Connection<Call | DecodingError> {
    const window = parseConnectionArgs(args, this.#limits)
    const fingerprint = listFingerprint('calls', conference.accountSid, conference.sid)
    const list = getOrCreate(this.#callLists, fingerprint, () => {
      return this.#client.conferenceCalls(conference, rows => primeAll(this.call, rows))
    })
    return offsetConnection(list, window, fingerprint)
  }

  /**
   * Participants by creation date. The gateway filters and pages, because Restcomm returns all participants at once.
   * Rows and flags that cannot be read pass every filter, so that the client receives their errors.
   */
  participantConnection(conference: ConferenceKey, args: ParticipantArgs): Connection<Participant | DecodingError> {
    const window = parseConnectionArgs(args, this.#limits)
    const muted = args.filter?.muted ?? null
    const hold = args.filter?.hold ?? null
    const order = {
      fingerprint: () => listFingerprint('participants', conference.accountSid, conference.sid, muted, hold),
      ...PARTICIPANT_ORDER,
    }
    const isSelected = (row: Participant | DecodingError) =>
      !isReadable(row) || (matchesFlag(row.muted, muted) && matchesFlag(row.hold, hold))
    const select = (participants: readonly (Participant | DecodingError)[]) =>
      muted === null && hold === null ? participants : participants.filter(isSelected)
    const rows = async () => select(sortParticipants(await this.participants.load(conference)))
    const total = async () => select(await this.participants.load(conference)).length
    return sortedConnection(window, order, rows, total)
  }

  /** Adds rows already read by a poller. `readCalls` replaces the request for the conference's active calls. */
  prime(
    conference: Conference,
    participants?: readonly (Participant | DecodingError)[],
    readCalls?: () => Promise<readonly Call[]>,
  ) {
    this.conference.prime(conference, conference)
    if (participants) this.participants.prime(conference, participants)
    if (readCalls) this.#prefetchedCalls.set(conference.sid, readCalls)
  }

  /** Discards all loaded rows, for example after a mutation. */
  clear(): void {
    const { account, conference, participants, call, participantCall, recordings } = this
    for (const loader of [account, conference, participants, call, participantCall, recordings]) loader.clear()
    this.#prefetchedCalls.clear()
    this.#conferences = undefined
    this.#participantRows = createParticipantBudget()
    this.#callLists.clear()
  }

  /** Reads the conference first, because Restcomm does not check permissions for participants. */
  async #readParticipants(key: ConferenceKey): Promise<readonly (Participant | DecodingError)[]> {
    const conference = await this.conference.load(key)
    if (conference === null || isConferenceOver(conference)) return []
    return this.#participantRows.readWhole(USUAL_PARTICIPANTS, () => this.#client.participants(key))
  }

  /**
   * If a conference has several participants in the batch, a single request reads the active calls. Calls missing in
   * the response are looked up singly.
   */
  async #readParticipantCalls(participants: readonly Participant[]): Promise<(Call | null | Error)[]> {
    const byConference = Map.groupBy(participants, ({ conference }) => rowId(conference))
    await Promise.all(Array.from(byConference.values(), group => this.#primeActiveCalls(group)))
    return loadEach(participants, ({ accountSid, callSid }) => this.call.load({ accountSid, sid: callSid }))
  }

  async #primeActiveCalls([first, ...rest]: readonly Participant[]): Promise<void> {
    if (first === undefined) return
    const { conference } = first
    const prefetched = this.#prefetchedCalls.get(conference.sid)
    if (prefetched === undefined && rest.length === 0) return
    try {
      const calls = prefetched?.() ?? this.#client.activeCalls(conference)
      // The participants of a long list form several batches.
      if (prefetched === undefined) this.#prefetchedCalls.set(conference.sid, () => calls)
      primeAll(this.call, await calls)
    } catch {
      // Ignores the error, because the caller then looks up each call singly.
    }
  }
}

/** A row takes 7 µs, and Restcomm returns all participants for a page of any size, so that the cost omits most rows. */
const MAX_PARTICIPANT_ROWS = 25_000
const USUAL_PARTICIPANTS = 500

function createParticipantBudget(): RowBudget {
  return new RowBudget(MAX_PARTICIPANT_ROWS, () => {
    const message =
      'The conferences of the query have too many participants together: expected at most ' +
      `${MAX_PARTICIPANT_ROWS}. Select \`participants\` of fewer conferences.`
    return userInputError('LIST_TOO_LARGE', message)
  })
}

function primeAll<K, V extends K>(loader: RowLoader<K, V | null>, rows: readonly (V | DecodingError)[]): void {
  for (const row of rows) if (!(row instanceof DecodingError)) loader.prime(row, row)
}

function matchesFlag(flag: Participant['muted'], expected: boolean | null): boolean {
  return expected === null || !isReadable(flag) || flag === expected
}

type ParticipantRow = Participant | DecodingError

const PARTICIPANT_ORDER = {
  keyOf: (row: ParticipantRow): SortKey =>
    isReadable(row) ? [timeOf(row.dateCreated), row.callSid] : [timeOf(row), row.rowId],
  sampleKey: [0, ''],
}

const sortedParticipants = new WeakMap<readonly ParticipantRow[], readonly ParticipantRow[]>()

/** Sorts a list once, because aliases may repeat the list many times. */
function sortParticipants(rows: readonly ParticipantRow[]): readonly ParticipantRow[] {
  let sorted = sortedParticipants.get(rows)
  if (sorted === undefined) {
    sorted = sortByKey(rows, PARTICIPANT_ORDER)
    sortedParticipants.set(rows, sorted)
  }
  return sorted
}

/** Cost of a row in a list response, relative to the cost of a request: 50 rows cost as much as a request. */
const ROW_COST_REQUESTS = 0.02
/** A list must cost less than half of the single lookups, because single lookups run in parallel. */
const MAX_LIST_COST_SHARE = 0.5
const MIN_KEYS_FOR_LIST = 8

type ListLength = Pick<PagedList<Conference>, 'lastLength' | 'total' | 'maxPageSize'>

/** Returns the pages of the whole list if cheaper than single lookups; otherwise no pages. */
export async function planListPages(keyCount: number, list: ListLength): Promise<readonly PageRequest[]> {
  if (keyCount < MIN_KEYS_FOR_LIST) return []
  const { maxPageSize, lastLength } = list
  // Requests one row more than the list has, so that the last page is short and shows the end of the list.
  const rows = (lastLength ?? (await list.total())) + 1
  const pageCount = Math.max(1, Math.ceil(rows / maxPageSize))
  const listCost = pageCount + ROW_COST_REQUESTS * rows
  if (listCost >= MAX_LIST_COST_SHARE * keyCount) return []
  return Array.from({ length: pageCount }, (_, page) => ({ page, size: Math.min(rows, maxPageSize) }))
}

/**
 * Loads conferences by account and SID; null for an unknown conference. If cheaper than single lookups, the whole list
 * of an account is read first. Conferences missing from the list are looked up singly.
 */
async function loadConferences(client: RestcommClient, keys: readonly ConferenceKey[]) {
  if (keys.length < MIN_KEYS_FOR_LIST) return loadEach(keys, key => client.conference(key))
  const cached = await client.cachedConferences(keys)
  const uncachedKeys = keys.filter((_key, i) => cached[i] === null)
  const keysByAccount = Map.groupBy(uncachedKeys, ({ accountSid }) => accountSid)
  const listed = await Promise.all(
    Array.from(keysByAccount, ([accountSid, { length }]) => readListIfCheaper(client, accountSid, length)),
  )
  const conferences = [...cached.filter(conference => conference !== null), ...listed.flat()]
  const byId = new Map(conferences.map(conference => [rowId(conference), conference]))
  return loadEach(keys, async key => byId.get(rowId(key)) ?? client.conference(key))
}

function rowId({ accountSid, sid }: ConferenceKey): string {
  return `${accountSid}/${sid}`
}

/** If cheaper than `lookupCount` single lookups, returns all conferences of the account, otherwise an empty list. */
async function readListIfCheaper(client: RestcommClient, accountSid: string, lookupCount: number) {
  const list = client.conferences(accountSid, {})
  try {
    const pages = await planListPages(lookupCount, list)
    return (await Promise.all(pages.map(page => list.read(page)))).flatMap(({ rows }) => rows.filter(isReadable))
  } catch {
    // Ignores the error, because the caller then looks up each conference singly.
    return []
  }
}
