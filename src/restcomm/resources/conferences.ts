import { CONFERENCE_STATUSES, type Conference, type ConferenceFilter, isConferenceOver } from '../../model.ts'
import type { AuthorizedHttp } from '../authorizedHttp.ts'
import type { RowKey, RowKind } from '../cache/requestCache.ts'
import { asObject, dateTime, enumValue, identity, optional, string } from '../decode.ts'
import type { DecodingError } from '../errors.ts'
import { readPage } from '../paging/readPage.ts'
import { createFilterCheck, toFilterQuery } from './conferenceFilter.ts'

export function decodeConference(value: unknown): Conference {
  const json = asObject('conference', value)
  const statusText = string(json, 'status')
  return {
    sid: identity(json, 'sid', 'conference'),
    accountSid: identity(json, 'account_sid', 'account'),
    friendlyName: optional(json, 'friendly_name', string),
    status: enumValue(statusText, CONFERENCE_STATUSES),
    statusText,
    dateCreated: dateTime(json, 'date_created'),
    dateUpdated: dateTime(json, 'date_updated'),
    apiVersion: string(json, 'api_version'),
    uri: string(json, 'uri'),
  }
}

export const CONFERENCE: RowKind<Conference> = {
  resource: 'conference',
  path: conferencePath,
  decode: decodeConference,
  isImmutable: isConferenceOver,
}

export function conferencePath({ accountSid, sid }: RowKey): string {
  return `Accounts/${encodeURIComponent(accountSid)}/Conferences/${encodeURIComponent(sid)}`
}

export function conferenceList(http: AuthorizedHttp, accountSid: string, filter: ConferenceFilter) {
  const checkFilter = createFilterCheck(filter)
  return {
    http,
    resource: 'conferences' as const,
    path: `Accounts/${encodeURIComponent(accountSid)}/Conferences`,
    query: toFilterQuery(filter),
    decode: (row: unknown) => {
      const conference = decodeConference(row)
      checkFilter(conference)
      return conference
    },
  }
}

/** Rows are not compared with `status`, because `status` may be an SQL LIKE pattern. */
async function readAllByStatus(http: AuthorizedHttp, accountSid: string, status: string) {
  const list = { ...conferenceList(http, accountSid, {}), query: new URLSearchParams({ Status: status }) }
  const conferences: (Conference | DecodingError)[] = []
  for (let number = 0; ; number++) {
    const page = await readPage(list, { page: number, size: http.upstream.maxPageSize })
    conferences.push(...page.rows)
    if (page.atEnd) return conferences
  }
}

/** Unfinished statuses. `RUNNING%` is an SQL LIKE pattern, which Restcomm Cloud may not accept. */
const RUNNING_STATUSES = { connect: ['RUNNING%', 'STOPPING'], cloud: CONFERENCE_STATUSES.slice(0, 4) }

export async function readRunningConferences(http: AuthorizedHttp, accountSid: string) {
  const statuses = RUNNING_STATUSES[http.upstream.dialect ?? 'cloud']
  const rows = await Promise.all(statuses.map(status => readAllByStatus(http, accountSid, status)))
  return rows.flat()
}
