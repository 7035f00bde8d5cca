import type { Conference, ConferenceFilter } from '../model.ts'
import type { Connection } from '../relay/connection.ts'
import { type ConnectionArgs, parseConnectionArgs } from '../relay/connectionArgs.ts'
import { assertCursorOf } from '../relay/cursor.ts'
import { type SortOrder, sortByKey } from '../relay/sortedConnection.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { badUserInput } from '../userInputError.ts'
import {
  type ConferenceOrder,
  cloudOnlyCondition,
  conferenceFingerprint,
  inSortOrder,
  inUpstreamOrder,
  sortOrderOf,
  updatedOnOrBefore,
  validateFilter,
} from './conferenceListQuery.ts'
import type { ListLimits } from './listLimits.ts'
import { PageReader } from './pageReader.ts'
import { readAllRows } from './readAllRows.ts'
import { RowBudget } from './rowBudget.ts'

interface ConferenceArgs extends ConnectionArgs {
  readonly filter?: { readonly [K in keyof ConferenceFilter]?: ConferenceFilter[K] | null } | null | undefined
  readonly orderBy?: ConferenceOrder | null | undefined
}

/** Conference lists of a GraphQL request. Fields which select the same list share the pages already read. */
export class ConferenceLists {
  readonly #client: RestcommClient
  readonly #limits: ListLimits
  readonly #onRows: (rows: readonly Conference[]) => void
  #budget: RowBudget
  readonly #readers = new Map<string, PageReader<Conference>>()
  /** All rows of each list. The key is the fingerprint without sort order. */
  readonly #fullLists = new Map<string, Promise<readonly Conference[]>>()
  /** Filtered and sorted rows of each list. The key is the fingerprint with sort order. */
  readonly #sorted = new Map<string, Promise<readonly Conference[]>>()

  constructor(client: RestcommClient, limits: ListLimits, onRows: (rows: readonly Conference[]) => void) {
    this.#client = client
    this.#limits = limits
    this.#onRows = onRows
    this.#budget = new RowBudget(limits.maxQuerySortedRows)
  }

  /** Throws `BAD_USER_INPUT` for invalid arguments. Needs no account. */
  validate(args: ConferenceArgs): void {
    parseConnectionArgs(args, this.#limits)
    validateFilter(args.filter ?? {})
  }

  /** Rejects invalid arguments with `BAD_USER_INPUT` before reading any row. */
  async connection(accountSid: string, args: ConferenceArgs): Promise<Connection<Conference>> {
    const window = parseConnectionArgs(args, this.#limits)
    const filter = validateFilter(args.filter ?? {})
    const order = args.orderBy ?? null
    const fingerprint = conferenceFingerprint(accountSid, filter, order)
    assertCursorOf(window.after, fingerprint, 'after')
    assertCursorOf(window.before, fingerprint, 'before')

    const { upstreamFilter, localFilter } = await this.#splitFilter(accountSid, filter)
    const listFingerprint = conferenceFingerprint(accountSid, upstreamFilter, null)
    const reader = this.#reader(listFingerprint, accountSid, upstreamFilter)
    if (order === null && localFilter === null) return inUpstreamOrder(reader, window, fingerprint)
    const sortOrder = sortOrderOf(order, fingerprint)
    const rows = () =>
      this.#sortedBy(sortOrder, async () => {
        const allRows = await this.#allRows(listFingerprint, reader)
        return localFilter === null ? allRows : allRows.filter(localFilter)
      })
    const total = async () =>
      localFilter === null && !this.#fullLists.has(listFingerprint) ? reader.total() : (await rows()).length
    return inSortOrder({ rows, total }, window, sortOrder)
  }

  /**
   * Restcomm evaluates `upstreamFilter`. The gateway evaluates `localFilter`, because Connect's bundled database fails
   * on `DateUpdated`. Conditions not supported by Connect are rejected.
   */
  async #splitFilter(accountSid: string, filter: ConferenceFilter) {
    const condition = cloudOnlyCondition(filter)
    const { updatedOnOrBefore: date, ...upstreamFilter } = filter
    if (condition === undefined && date === undefined) return { upstreamFilter: filter, localFilter: null }
    if ((await this.#client.dialect(accountSid)) === 'cloud') return { upstreamFilter: filter, localFilter: null }
    if (condition !== undefined) {
      throw badUserInput(
        `The filter condition \`${condition}\` is not supported by this Restcomm server, only by Restcomm Cloud: omit the condition.`,
      )
    }
    return { upstreamFilter, localFilter: date === undefined ? null : updatedOnOrBefore(date) }
  }

  /** Discards all rows, which may be outdated after a mutation, and resets the row budget. */
  clear(): void {
    this.#budget = new RowBudget(this.#limits.maxQuerySortedRows)
    this.#readers.clear()
    this.#fullLists.clear()
    this.#sorted.clear()
  }

  #reader(fingerprint: string, accountSid: string, filter: ConferenceFilter): PageReader<Conference> {
    let reader = this.#readers.get(fingerprint)
    if (reader === undefined) {
      const list = this.#client.conferences(accountSid, filter)
      reader = new PageReader(list, conference => conference.sid, this.#onRows)
      this.#readers.set(fingerprint, reader)
    }
    return reader
  }

  /** Sorts a list once per request, because sorting blocks the event loop and aliases may repeat a list many times. */
  #sortedBy(order: SortOrder<Conference>, read: () => Promise<readonly Conference[]>): Promise<readonly Conference[]> {
    let sorted = this.#sorted.get(order.fingerprint)
    if (sorted === undefined) {
      sorted = read().then(rows => sortByKey(rows, order))
      this.#sorted.set(order.fingerprint, sorted)
    }
    return sorted
  }

  #allRows(fingerprint: string, reader: PageReader<Conference>): Promise<readonly Conference[]> {
    let rows = this.#fullLists.get(fingerprint)
    if (rows === undefined) {
      rows = readAllRows(reader, this.#limits.maxSortedRows, this.#budget)
      this.#fullLists.set(fingerprint, rows)
    }
    return rows
  }
}
