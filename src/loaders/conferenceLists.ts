import type { Conference, ConferenceFilter } from '../model.ts'
import { badUserInput } from '../userInputError.ts'
import type { Connection } from '../relay/connection.ts'
import { checkCursor } from '../relay/cursor.ts'
import { type KeyedOrder, sortByKey } from '../relay/sortedConnection.ts'
import { type ConnectionArguments, windowOf } from '../relay/connectionArgs.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import {
  type ConferenceOrder,
  checkedFilter,
  cloudCondition,
  conferenceFingerprint,
  conferencesAsTheyStand,
  keyedOrder,
  sortedConferences,
  wasUpdatedBy,
} from './conferenceOrder.ts'
import type { Limits } from './limits.ts'
import { type AnchorListener, PageReader } from './pageReader.ts'
import { RowBudget } from './rowBudget.ts'
import { readWhole } from './readAll.ts'

interface ConferenceArguments extends ConnectionArguments {
  readonly filter?: { readonly [K in keyof ConferenceFilter]?: ConferenceFilter[K] | null } | null | undefined
  readonly orderBy?: ConferenceOrder | null | undefined
}

/** The conference lists of one request. Fields that ask for the same list share what is read of it. */
export class ConferenceLists {
  readonly #client: RestcommClient
  readonly #limits: Limits
  readonly #onRows: (rows: readonly Conference[]) => void
  readonly #onAnchor: AnchorListener
  #budget: RowBudget
  readonly #readers = new Map<string, PageReader<Conference>>()
  readonly #wholes = new Map<string, Promise<readonly Conference[]>>()
  /** By the fingerprint, which names a list with its order. */
  readonly #sorted = new Map<string, Promise<readonly Conference[]>>()

  constructor(
    client: RestcommClient,
    limits: Limits,
    onRows: (rows: readonly Conference[]) => void,
    onAnchor: AnchorListener,
  ) {
    this.#client = client
    this.#limits = limits
    this.#onRows = onRows
    this.#onAnchor = onAnchor
    this.#budget = new RowBudget(limits.maximumQuerySortedRows)
  }

  /** Throws `BAD_USER_INPUT` for what is wrong whichever account they are for. */
  check(args: ConferenceArguments): void {
    windowOf(args, this.#limits)
    checkedFilter(args.filter ?? {})
  }

  /** Rejects with `BAD_USER_INPUT` before anything is read, or returns a connection that reads what is asked of it. */
  async connection(accountSid: string, args: ConferenceArguments): Promise<Connection<Conference>> {
    const window = windowOf(args, this.#limits)
    const filter = checkedFilter(args.filter ?? {})
    const order = args.orderBy ?? null
    const fingerprint = conferenceFingerprint(accountSid, filter, order)
    checkCursor(window.after, fingerprint, 'after')
    checkCursor(window.before, fingerprint, 'before')

    const { upstream, here } = await this.#divide(accountSid, filter)
    const list = conferenceFingerprint(accountSid, upstream, null)
    const reader = this.#reader(list, accountSid, upstream)
    if (order === null && here === null) return conferencesAsTheyStand(reader, window, fingerprint)
    const keyed = keyedOrder(order, fingerprint)
    const rows = () =>
      this.#sortedBy(keyed, async () => {
        const whole = await this.#whole(list, reader)
        return here === null ? whole : whole.filter(here)
      })
    const total = async () => (here === null && !this.#wholes.has(list) ? reader.total() : (await rows()).length)
    return sortedConferences({ rows, total }, window, keyed)
  }

  /**
   * What of a filter goes upstream, and what is left to do here. Connect ignores the conditions that only the cloud has,
   * and fails on the day of the last update with the database that it ships with.
   */
  async #divide(accountSid: string, filter: ConferenceFilter) {
    const condition = cloudCondition(filter)
    const { updatedOnOrBefore: day, ...others } = filter
    if (condition === undefined && day === undefined) return { upstream: filter, here: null }
    if ((await this.#client.dialect(accountSid)) === 'cloud') return { upstream: filter, here: null }
    if (condition !== undefined) throw badUserInput(`\`${condition}\`: this Restcomm does not support it.`)
    return { upstream: others, here: day === undefined ? null : wasUpdatedBy(day) }
  }

  /** For when what was read of the lists does not hold any more. None of it is held, so it does not count any more either. */
  forget(): void {
    this.#budget = new RowBudget(this.#limits.maximumQuerySortedRows)
    this.#readers.clear()
    this.#wholes.clear()
    this.#sorted.clear()
  }

  #reader(list: string, accountSid: string, filter: ConferenceFilter): PageReader<Conference> {
    let reader = this.#readers.get(list)
    if (reader === undefined) {
      const paged = this.#client.conferences(accountSid, filter)
      reader = new PageReader(paged, conference => conference.sid, this.#onRows, this.#onAnchor)
      this.#readers.set(list, reader)
    }
    return reader
  }

  /** Sorted once: to sort ten thousand rows takes the process long enough for others to notice, and aliases are cheap. */
  #sortedBy(order: KeyedOrder<Conference>, read: () => Promise<readonly Conference[]>): Promise<readonly Conference[]> {
    let sorted = this.#sorted.get(order.fingerprint)
    if (sorted === undefined) {
      sorted = read().then(rows => sortByKey(rows, order))
      this.#sorted.set(order.fingerprint, sorted)
    }
    return sorted
  }

  #whole(list: string, reader: PageReader<Conference>): Promise<readonly Conference[]> {
    let whole = this.#wholes.get(list)
    if (whole === undefined) {
      whole = readWhole(reader, this.#limits.maximumSortedRows, this.#budget)
      this.#wholes.set(list, whole)
    }
    return whole
  }
}
