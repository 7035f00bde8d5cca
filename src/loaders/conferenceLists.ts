import { type Conference, type ConferenceFilter, isReadable, timeOf } from '../model.ts'
import { type Connection, type ConnectionArgs, type PageLimits, parseConnectionArgs } from '../relay/connection.ts'
import { assertCursorOf, listFingerprint, type SortKey } from '../relay/cursor.ts'
import { offsetConnection } from '../relay/offsetConnection.ts'
import { type SortOrder, sortByKey, sortedConnection } from '../relay/sortedConnection.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { DecodingError } from '../restcomm/errors.ts'
import type { OnRows, PagedList } from '../restcomm/paging/pagedList.ts'
import { badUserInput } from '../userInputError.ts'
import { RowBudget, readAllRows } from './readAllRows.ts'

export interface ListLimits extends PageLimits {
  /** Maximum number of rows of a single sorted list. */
  readonly maxSortedRows: number
  /** Maximum number of rows of all sorted lists of a request together. */
  readonly maxQuerySortedRows: number
}

interface ConferenceOrder {
  readonly field: 'DATE_CREATED' | 'DATE_UPDATED' | 'FRIENDLY_NAME'
  readonly direction: 'ASC' | 'DESC'
}

/** A row without a valid identity is an error. */
type ListedConference = Conference | DecodingError

type FilterArgs = { readonly [K in keyof ConferenceFilter]?: ConferenceFilter[K] | null }

interface ConferenceArgs extends ConnectionArgs {
  readonly filter?: FilterArgs | null | undefined
  readonly orderBy?: ConferenceOrder | null | undefined
}

const CLOUD_ONLY_CONDITIONS = ['limit', 'startTime', 'endTime', 'callSid'] as const
/** All conditions, in the order of the fingerprint. A different order would invalidate issued cursors. */
const CONDITIONS = [
  'status',
  'friendlyName',
  'createdOnOrAfter',
  'updatedOnOrBefore',
  ...CLOUD_ONLY_CONDITIONS,
] as const

/** Conference lists of a GraphQL request. Fields which select the same list share the pages already read. */
export class ConferenceLists {
  readonly #client: RestcommClient
  readonly #limits: ListLimits
  readonly #onRows: OnRows<Conference>
  readonly #budget: RowBudget
  readonly #lists = new Map<string, PagedList<Conference>>()
  /** All rows of each list. The key is the fingerprint without sort order. */
  readonly #fullLists = new Map<string, Promise<readonly ListedConference[]>>()
  /** Filtered and sorted rows of each list. The key is the fingerprint with sort order. */
  readonly #sorted = new Map<string, Promise<readonly ListedConference[]>>()

  constructor(client: RestcommClient, limits: ListLimits, onRows: OnRows<Conference>) {
    this.#client = client
    this.#limits = limits
    this.#onRows = onRows
    this.#budget = new RowBudget(limits.maxQuerySortedRows)
  }

  /** Throws `BAD_USER_INPUT` for invalid arguments. Needs no account. */
  validate(args: ConferenceArgs) {
    return { window: parseConnectionArgs(args, this.#limits), filter: parseFilter(args.filter ?? {}) }
  }

  /** Rejects invalid arguments with `BAD_USER_INPUT` before reading any row. */
  async connection(accountSid: string, args: ConferenceArgs): Promise<Connection<ListedConference>> {
    const { window, filter } = this.validate(args)
    const order = args.orderBy ?? null
    const fingerprint = conferenceFingerprint(accountSid, filter, order)
    assertCursorOf(window.after, fingerprint, 'after')
    assertCursorOf(window.before, fingerprint, 'before')

    const { upstreamFilter, localFilter } = await this.#splitFilter(accountSid, filter)
    const listId = conferenceFingerprint(accountSid, upstreamFilter, null)
    const createList = () => this.#client.conferences(accountSid, upstreamFilter, this.#onRows)
    const list = getOrCreate(this.#lists, listId, createList)
    if (order === null && localFilter === null) return offsetConnection(list, window, fingerprint)

    const sortOrder = sortOrderOf(order, fingerprint)
    const allRows = () => {
      return getOrCreate(this.#fullLists, listId, () => readAllRows(list, this.#limits.maxSortedRows, this.#budget))
    }
    // Sorts a list once per request, because sorting blocks the event loop and aliases may repeat a list many times.
    const rows = () => {
      return getOrCreate(this.#sorted, fingerprint, async () => {
        return sortByKey(localFilter === null ? await allRows() : (await allRows()).filter(localFilter), sortOrder)
      })
    }
    const total = async () => {
      return localFilter === null && !this.#fullLists.has(listId) ? list.total() : (await rows()).length
    }
    return sortedConnection(window, sortOrder, rows, total)
  }

  /**
   * Restcomm evaluates `upstreamFilter`. The gateway evaluates `localFilter`, because Connect's bundled database fails
   * on `DateUpdated`. Conditions not supported by Connect are rejected.
   */
  async #splitFilter(accountSid: string, filter: ConferenceFilter) {
    const cloudCondition = CLOUD_ONLY_CONDITIONS.find(name => filter[name] !== undefined)
    const { updatedOnOrBefore: date, ...upstreamFilter } = filter
    const dependsOnDialect = cloudCondition !== undefined || date !== undefined
    const isCloud = dependsOnDialect && (await this.#client.dialect(accountSid)) === 'cloud'
    if (cloudCondition !== undefined && !isCloud) {
      throw badUserInput(
        `The filter condition \`${cloudCondition}\` is not supported by this Restcomm server, only by Restcomm Cloud: omit the condition.`,
      )
    }
    if (date === undefined || isCloud) return { upstreamFilter: filter, localFilter: null }
    // Compares calendar days in Restcomm's time zone. A row or date that cannot be read stays in the list.
    const localFilter = (row: ListedConference) =>
      !isReadable(row) || !isReadable(row.dateUpdated) || row.dateUpdated.slice(0, 10) <= date
    return { upstreamFilter, localFilter }
  }
}

export function getOrCreate<V>(map: Map<string, V>, key: string, create: () => V): V {
  const existing = map.get(key)
  if (existing !== undefined) return existing
  const created = create()
  map.set(key, created)
  return created
}

/** Identifies a conference list. Does not depend on the order of the filter conditions in a query. */
export function conferenceFingerprint(accountSid: string, filter: ConferenceFilter, order: ConferenceOrder | null) {
  const conditions = CONDITIONS.map(name => filter[name])
  return listFingerprint('conferences', accountSid, [...conditions, order?.field, order?.direction])
}

type SortFields = Pick<Conference, 'sid' | 'friendlyName' | 'dateCreated' | 'dateUpdated'>
type SortKeyDefinition = Pick<SortOrder<SortFields>, 'keyOf' | 'sampleKey'>

const SORT_KEYS: Record<ConferenceOrder['field'], SortKeyDefinition> = {
  DATE_CREATED: { keyOf: ({ dateCreated, sid }) => [timeOf(dateCreated), sid], sampleKey: [0, ''] },
  DATE_UPDATED: { keyOf: ({ dateUpdated, sid }) => [timeOf(dateUpdated), sid], sampleKey: [0, ''] },
  FRIENDLY_NAME: {
    // A name that cannot be read counts as missing.
    keyOf: ({ friendlyName: name, sid }): SortKey => (typeof name === 'string' ? [1, name, sid] : [0, '', sid]),
    sampleKey: [0, '', ''],
  },
}

/** Restcomm's usual order. Used without `orderBy` for lists that the gateway filters. */
const BY_SID: SortKeyDefinition = { keyOf: ({ sid }) => [sid], sampleKey: [''] }

function sortOrderOf(order: ConferenceOrder | null, fingerprint: string): SortOrder<ListedConference> {
  const { keyOf, sampleKey } = order === null ? BY_SID : SORT_KEYS[order.field]
  return {
    keyOf: row => keyOf(isReadable(row) ? row : unreadableFields(row)),
    sampleKey,
    fingerprint: () => fingerprint,
    descending: order?.direction === 'DESC',
  }
}

function unreadableFields(row: DecodingError): SortFields {
  return { sid: row.rowId, friendlyName: row, dateCreated: row, dateUpdated: row }
}

/** The gateway compares the pattern with the name of each row, and the CPU time grows with the length of the pattern. */
const MAX_NAME_LENGTH = 255

/** Rejects values allowed by the schema but not by Restcomm, and removes null conditions. */
function parseFilter(filter: FilterArgs): ConferenceFilter {
  const conditions = Object.entries(filter).filter(([, value]) => value !== null && value !== undefined)
  const present = Object.fromEntries(conditions) as ConferenceFilter
  if (present.status === 'UNKNOWN') {
    throw badUserInput('`status: UNKNOWN` is not a valid filter: expected a status other than `UNKNOWN`.')
  }
  const { length } = present.friendlyName ?? ''
  if (length > MAX_NAME_LENGTH) {
    throw badUserInput(`\`friendlyName\` has ${length} characters: expected at most ${MAX_NAME_LENGTH}.`)
  }
  if (present.limit !== undefined && present.limit < 1) {
    throw badUserInput(`\`limit: ${present.limit}\` is too small: expected at least 1.`)
  }
  return present
}
