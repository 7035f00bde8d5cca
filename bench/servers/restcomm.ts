/** What every server here that speaks to Restcomm in JavaScript needs to know of it. */

export interface WireConference {
  readonly sid: string
  readonly friendly_name?: string
  readonly status: string
  readonly date_created: string
  readonly uri: string
  readonly account_sid: string
}

export interface WireParticipant {
  readonly sid: string
  readonly muted?: boolean
  readonly hold?: boolean
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Tue, 31 May 2016 16:15:51 +0300` as RFC 3339, the offset kept; no more is checked than it takes to read it. */
export const dateTime = (text: string): string => {
  const [, day = '', month = '', year, time, zone = ''] = text.split(' ')
  const monthNumber = String(MONTHS.indexOf(month) + 1).padStart(2, '0')
  return `${year}-${monthNumber}-${day.padStart(2, '0')}T${time}${zone.slice(0, 3)}:${zone.slice(3)}`
}

export const conferenceOf = (wire: WireConference) => ({
  sid: wire.sid,
  friendlyName: wire.friendly_name ?? null,
  status: wire.status,
  dateCreated: dateTime(wire.date_created),
  uri: wire.uri,
})

export const participantOf = (wire: WireParticipant) => ({
  callSid: wire.sid,
  muted: wire.muted ?? null,
  hold: wire.hold ?? null,
})

export const API = '/2012-04-24/Accounts'
