import { CONFERENCE_STATUSES, type Conference, type ConferenceFilter, type ConferenceKey } from '../../model.ts'
import type { Access } from '../access.ts'
import { checkConference, conferenceQuery } from './conferenceFilter.ts'
import { dateTime, oneOf, optionalText, sid, text, wireObject } from '../decode.ts'
import { type List, readPage } from '../paging/readPage.ts'
import type { Upstream } from '../upstream.ts'

export const decodeConference = (value: unknown): Conference => {
  const wire = wireObject('conference', value)
  const statusText = text(wire, 'status')
  return {
    sid: sid(wire, 'sid', 'conference'),
    accountSid: sid(wire, 'account_sid', 'account'),
    friendlyName: optionalText(wire, 'friendly_name'),
    status: oneOf(statusText, CONFERENCE_STATUSES),
    statusText,
    dateCreated: dateTime(wire, 'date_created'),
    dateUpdated: dateTime(wire, 'date_updated'),
    apiVersion: text(wire, 'api_version'),
    uri: text(wire, 'uri'),
  }
}

export const conferencePath = ({ accountSid, sid }: ConferenceKey): string =>
  `Accounts/${accountSid}/Conferences/${sid}`

export const readConference = async (access: Access, key: ConferenceKey): Promise<Conference> =>
  decodeConference(await access.get('conference', conferencePath(key)))

export const conferenceList = (
  upstream: Upstream,
  access: Access,
  accountSid: string,
  filter: ConferenceFilter,
): List<Conference> => ({
  upstream,
  access,
  noun: 'conferences',
  path: `Accounts/${accountSid}/Conferences`,
  query: conferenceQuery(filter),
  member: 'conferences',
  decode: row => {
    const conference = decodeConference(row)
    checkConference(filter, conference)
    return conference
  },
})

/** All that match what LIKE makes of this status, which is why it is not checked against the rows. */
const readAllOfStatus = async (
  upstream: Upstream,
  access: Access,
  accountSid: string,
  status: string,
): Promise<readonly Conference[]> => {
  const list = { ...conferenceList(upstream, access, accountSid, {}), query: new URLSearchParams({ Status: status }) }
  const rows: Conference[] = []
  for (let page = 0; ; page++) {
    const read = await readPage(list, { page, size: upstream.maximumPageSize })
    rows.push(...read.rows)
    if (read.atEnd) return rows
  }
}

/** Connect's statuses are patterns; whether the cloud's are is not known. */
const RUNNING = { connect: ['RUNNING%', 'STOPPING'], cloud: CONFERENCE_STATUSES.slice(0, 4) }

/** The conferences of an account that are not over. */
export const readRunningConferences = async (
  upstream: Upstream,
  access: Access,
  accountSid: string,
): Promise<readonly Conference[]> => {
  const statuses = RUNNING[upstream.dialect ?? 'cloud']
  const rows = await Promise.all(statuses.map(status => readAllOfStatus(upstream, access, accountSid, status)))
  return rows.flat()
}
