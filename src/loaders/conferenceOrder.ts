import type { Conference, ConferenceFilter } from '../model.ts'
import { badUserInput } from '../userInputError.ts'
import { Connection } from '../relay/connection.ts'
import { listFingerprint, type SortKey } from '../relay/cursor.ts'
import { type KeyedOrder, keyedWindow, pageByKey } from '../relay/sortedConnection.ts'
import { anchoredWindow, pageByAnchor } from '../relay/offsetConnection.ts'
import type { Window } from '../relay/connectionArgs.ts'
import type { PageReader } from './pageReader.ts'

export interface ConferenceOrder {
  readonly field: 'DATE_CREATED' | 'DATE_UPDATED' | 'FRIENDLY_NAME'
  readonly direction: 'ASC' | 'DESC'
}

/** Names the list, with every condition in the same place whatever order the query had them in. */
export const conferenceFingerprint = (
  accountSid: string,
  filter: ConferenceFilter,
  order: ConferenceOrder | null,
): string =>
  listFingerprint('conferences', accountSid, [
    filter.status,
    filter.friendlyName,
    filter.createdOnOrAfter,
    filter.updatedOnOrBefore,
    filter.limit,
    filter.startTime,
    filter.endTime,
    filter.callSid,
    order?.field,
    order?.direction,
  ])

/** In Restcomm's own order: a page is one request. */
export const conferencesAsTheyStand = (
  reader: PageReader<Conference>,
  window: Window,
  fingerprint: string,
): Connection<Conference> => {
  const anchored = anchoredWindow(window, fingerprint)
  return new Connection({ window, page: () => pageByAnchor(reader, anchored), totalCount: () => reader.total() })
}

const ORDERS: Record<ConferenceOrder['field'], Pick<KeyedOrder<Conference>, 'keyOf' | 'shape'>> = {
  DATE_CREATED: { keyOf: ({ dateCreated, sid }) => [Date.parse(dateCreated), sid], shape: [0, ''] },
  DATE_UPDATED: { keyOf: ({ dateUpdated, sid }) => [Date.parse(dateUpdated), sid], shape: [0, ''] },
  FRIENDLY_NAME: {
    keyOf: ({ friendlyName, sid }): SortKey => [friendlyName === null ? 0 : 1, friendlyName ?? '', sid],
    shape: [0, '', ''],
  },
}

/** The order that Restcomm's own lists have in practice. */
const BY_SID: Pick<KeyedOrder<Conference>, 'keyOf' | 'shape'> = { keyOf: ({ sid }) => [sid], shape: [''] }

/** How a list is sorted in memory; without an order, by SID. */
export const keyedOrder = (order: ConferenceOrder | null, fingerprint: string): KeyedOrder<Conference> => {
  const by = order === null ? BY_SID : ORDERS[order.field]
  return { ...by, fingerprint, descending: order?.direction === 'DESC' }
}

/** A whole list, as it is sorted. */
interface SortedList {
  rows(): Promise<readonly Conference[]>
  /** How many there are, which may be known without them. */
  total(): Promise<number>
}

/** In memory. */
export const sortedConferences = (
  list: SortedList,
  window: Window,
  order: KeyedOrder<Conference>,
): Connection<Conference> => {
  const bounds = keyedWindow(window, order)
  return new Connection({
    window,
    page: async () => pageByKey(await list.rows(), bounds, order),
    totalCount: () => list.total(),
  })
}

/** Checks what the type system of GraphQL cannot, and leaves out what is null. */
export const checkedFilter = (
  filter: {
    readonly [K in keyof ConferenceFilter]?: ConferenceFilter[K] | null
  },
): ConferenceFilter => {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null && value !== undefined))
  const checked = given as ConferenceFilter
  if (checked.status === 'UNKNOWN') throw badUserInput('`status: UNKNOWN` cannot be asked for.')
  if (checked.limit !== undefined && checked.limit < 1) {
    throw badUserInput(`\`limit\` must be at least 1; it was ${checked.limit}.`)
  }
  return checked
}

const CLOUD_ONLY = ['limit', 'startTime', 'endTime', 'callSid'] as const

/** The first condition that only Restcomm's cloud understands; undefined where there is none. */
export const cloudCondition = (filter: ConferenceFilter) => CLOUD_ONLY.find(name => filter[name] !== undefined)

/** On this day or earlier, in the time zone that the server writes its dates in. */
export const wasUpdatedBy = (day: string) => (conference: Conference) => conference.dateUpdated.slice(0, 10) <= day
