// Types and conversions for the resources of Restcomm's REST API which the JavaScript servers read.

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

/** Converts `Tue, 31 May 2016 16:15:51 +0300` to `2016-05-31T13:15:51Z`. Does not validate the text. */
export function dateTime(text: string): string {
  if (!text.endsWith('+0000')) return `${new Date(text).toISOString().slice(0, 19)}Z`
  const [, day = '', month = '', year, time] = text.split(' ')
  const monthNumber = String(MONTHS.indexOf(month) + 1).padStart(2, '0')
  return `${year}-${monthNumber}-${day.padStart(2, '0')}T${time}Z`
}

export function conferenceOf(wire: WireConference) {
  return {
    sid: wire.sid,
    friendlyName: wire.friendly_name ?? null,
    status: wire.status,
    dateCreated: dateTime(wire.date_created),
    uri: wire.uri,
  }
}

export function participantOf(wire: WireParticipant) {
  return {
    callSid: wire.sid,
    muted: wire.muted ?? null,
    hold: wire.hold ?? null,
  }
}

export const ACCOUNTS_PATH = '/2012-04-24/Accounts'
