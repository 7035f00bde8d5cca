import type { Conference, ConferenceFilter } from '../model.ts'
import { badUserInput } from '../relay/callerError.ts'
import type { Connection } from '../relay/connection.ts'
import { type ConnectionArguments, windowOf } from '../relay/window.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import {
  type ConferenceOrder,
  checkedFilter,
  cloudCondition,
  conferenceFingerprint,
  conferencesAsTheyStand,
  sortedConferences,
} from './conferenceConnection.ts'
import type { Limits } from './limits.ts'
import { type AnchorListener, PageReader } from './pageReader.ts'
import { readWhole } from './wholeList.ts'

export interface ConferenceArguments extends ConnectionArguments {
  readonly filter?: { readonly [K in keyof ConferenceFilter]?: ConferenceFilter[K] | null } | null | undefined
  readonly orderBy?: ConferenceOrder | null | undefined
}

/** The conference lists of one request. Fields that ask for the same list share what is read of it. */
export class ConferenceLists {
  readonly #client: RestcommClient
  readonly #limits: Limits
  readonly #prime: (row: Conference) => void
  readonly #onAnchor: AnchorListener
  readonly #readers = new Map<string, PageReader<Conference>>()
  readonly #wholes = new Map<string, Promise<readonly Conference[]>>()

  constructor(client: RestcommClient, limits: Limits, prime: (row: Conference) => void, onAnchor: AnchorListener) {
    this.#client = client
    this.#limits = limits
    this.#prime = prime
    this.#onAnchor = onAnchor
  }

  /** Rejects with `BAD_USER_INPUT` before anything is read, or returns a connection that reads what is asked of it. */
  async connection(accountSid: string, args: ConferenceArguments): Promise<Connection<Conference>> {
    const window = windowOf(args, this.#limits)
    const filter = checkedFilter(args.filter ?? {})
    const order = args.orderBy ?? null
    await this.#checkDialect(accountSid, filter)
    const fingerprint = conferenceFingerprint(accountSid, filter, order)
    const list = conferenceFingerprint(accountSid, filter, null)
    const reader = this.#reader(list, accountSid, filter)
    if (order === null) return conferencesAsTheyStand(reader, window, fingerprint)
    return sortedConferences(() => this.#whole(list, reader), window, order, fingerprint)
  }

  async #checkDialect(accountSid: string, filter: ConferenceFilter): Promise<void> {
    const condition = cloudCondition(filter)
    if (condition !== undefined && (await this.#client.dialect(accountSid)) !== 'cloud') {
      throw badUserInput(`\`${condition}\`: this Restcomm does not support it.`)
    }
  }

  #reader(list: string, accountSid: string, filter: ConferenceFilter): PageReader<Conference> {
    let reader = this.#readers.get(list)
    if (reader === undefined) {
      const paged = this.#client.conferences(accountSid, filter)
      reader = new PageReader(paged, conference => conference.sid, this.#prime, this.#onAnchor)
      this.#readers.set(list, reader)
    }
    return reader
  }

  #whole(list: string, reader: PageReader<Conference>): Promise<readonly Conference[]> {
    let whole = this.#wholes.get(list)
    if (whole === undefined) {
      whole = readWhole(reader, this.#limits.maximumSortedRows)
      this.#wholes.set(list, whole)
    }
    return whole
  }
}
