import type { Conference, ConferenceFilter } from '../model.ts'
import { Connection } from '../relay/connection.ts'
import type { ConnectionWindow } from '../relay/connectionArgs.ts'
import { listFingerprint, type SortKey } from '../relay/cursor.ts'
import { parseOffsetWindow, readOffsetPage } from '../relay/offsetConnection.ts'
import { parseKeyWindow, type SortOrder, sliceByKey } from '../relay/sortedConnection.ts'
import { badUserInput } from '../userInputError.ts'
import type { PageReader } from './pageReader.ts'

export interface ConferenceOrder {
  readonly field: 'DATE_CREATED' | 'DATE_UPDATED' | 'FRIENDLY_NAME'
  readonly direction: 'ASC' | 'DESC'
}

/** Identifies a conference list. Does not depend on the order of the filter conditions in a query. */
export function conferenceFingerprint(
  accountSid: string,
  filter: ConferenceFilter,
  order: ConferenceOrder | null,
): string {
  return listFingerprint('conferences', accountSid, [
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
}

export function inUpstreamOrder(
  reader: PageReader<Conference>,
  window: ConnectionWindow,
  fingerprint: string,
): Connection<Conference> {
  const offsetWindow = parseOffsetWindow(window, fingerprint)
  return new Connection({ window, page: () => readOffsetPage(reader, offsetWindow), totalCount: () => reader.total() })
}

type SortKeyDefinition = Pick<SortOrder<Conference>, 'keyOf' | 'sampleKey'>

const SORT_KEYS: Record<ConferenceOrder['field'], SortKeyDefinition> = {
  DATE_CREATED: { keyOf: ({ dateCreated, sid }) => [Date.parse(dateCreated), sid], sampleKey: [0, ''] },
  DATE_UPDATED: { keyOf: ({ dateUpdated, sid }) => [Date.parse(dateUpdated), sid], sampleKey: [0, ''] },
  FRIENDLY_NAME: {
    keyOf: ({ friendlyName, sid }): SortKey => [friendlyName === null ? 0 : 1, friendlyName ?? '', sid],
    sampleKey: [0, '', ''],
  },
}

/** Restcomm's usual order. Used without `orderBy` for lists that the gateway filters. */
const BY_SID: SortKeyDefinition = { keyOf: ({ sid }) => [sid], sampleKey: [''] }

export function sortOrderOf(order: ConferenceOrder | null, fingerprint: string): SortOrder<Conference> {
  const sortKey = order === null ? BY_SID : SORT_KEYS[order.field]
  return { ...sortKey, fingerprint, descending: order?.direction === 'DESC' }
}

interface SortedConferences {
  rows(): Promise<readonly Conference[]>
  /** Length of the list, without reading all rows if possible. */
  total(): Promise<number>
}

export function inSortOrder(
  list: SortedConferences,
  window: ConnectionWindow,
  order: SortOrder<Conference>,
): Connection<Conference> {
  const keyWindow = parseKeyWindow(window, order)
  return new Connection({
    window,
    page: async () => sliceByKey(await list.rows(), keyWindow, order),
    totalCount: () => list.total(),
  })
}

/** Rejects values allowed by the schema but not by Restcomm, and removes null conditions. */
export function validateFilter(
  filter: {
    readonly [K in keyof ConferenceFilter]?: ConferenceFilter[K] | null
  },
): ConferenceFilter {
  const conditions = Object.entries(filter).filter(([, value]) => value !== null && value !== undefined)
  const present = Object.fromEntries(conditions) as ConferenceFilter
  if (present.status === 'UNKNOWN') {
    throw badUserInput('`status: UNKNOWN` is not a valid filter: expected a status other than `UNKNOWN`.')
  }
  if (present.limit !== undefined && present.limit < 1) {
    throw badUserInput(`\`limit: ${present.limit}\` is too small: expected at least 1.`)
  }
  return present
}

const CLOUD_ONLY_CONDITIONS = ['limit', 'startTime', 'endTime', 'callSid'] as const

/** Returns the first condition supported only by Restcomm Cloud, or undefined. */
export function cloudOnlyCondition(filter: ConferenceFilter) {
  return CLOUD_ONLY_CONDITIONS.find(name => filter[name] !== undefined)
}

/** Creates a filter function. The function compares calendar days in Restcomm's time zone. */
export function updatedOnOrBefore(date: string) {
  return (conference: Conference): boolean => conference.dateUpdated.slice(0, 10) <= date
}
