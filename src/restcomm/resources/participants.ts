import type { ConferenceKey, Participant } from '../../model.ts'
import type { Access } from '../access.ts'
import { conferencePath } from './conferences.ts'
import { dateTime, optionalFlag, sid, text, type Wire, wireArray, wireObject } from '../decode.ts'
import { dialectOf, type Envelope, isOwnPath } from '../paging/envelope.ts'
import { RestcommError } from '../errors.ts'

export const decodeParticipant = (value: unknown, conference: ConferenceKey): Participant => {
  const wire = wireObject('participant', value)
  return {
    callSid: sid(wire, 'sid', 'call'),
    accountSid: sid(wire, 'account_sid', 'account'),
    conference,
    muted: optionalFlag(wire, 'muted'),
    hold: optionalFlag(wire, 'hold'),
    startConferenceOnEnter: optionalFlag(wire, 'start_conference_on_enter'),
    endConferenceOnExit: endConferenceOnExit(wire),
    dateCreated: dateTime(wire, 'date_created'),
    dateUpdated: dateTime(wire, 'date_updated'),
    uri: text(wire, 'uri'),
  }
}

/** Connect writes this flag under the name of another one. */
const endConferenceOnExit = (wire: Wire): boolean | null =>
  optionalFlag(wire, 'end_conference_on_exit') ?? optionalFlag(wire, 'end_conference_on_enter')

/** A server that pages cannot have more pages than this: it would be one that goes round in a circle. */
const MAXIMUM_PAGES = 1_000
/** How often an envelope that belongs to another request is asked for again. */
const ENVELOPE_TRIES = 3

/**
 * Everybody who is in a conference. `conference` must have been read with the same credentials before: Restcomm forgets
 * to check here, and would answer anybody.
 *
 * Connect sends the whole list, whatever page is asked for, under an envelope that pretends to page. A server that does
 * page sends `page_size` rows of a larger `total`; only then are the others asked for, until one brings nothing new.
 */
export const readParticipants = async (access: Access, conference: ConferenceKey): Promise<readonly Participant[]> => {
  const path = `${conferencePath(conference)}/Participants`
  for (let attempt = 1; ; attempt++) {
    let page = pageOf(await access.get('participants', path))
    for (let again = 1; again < ENVELOPE_TRIES && !isOwnPath(page.envelope, path); again++) {
      if (!access.mayRepeat('participants')) break
      page = pageOf(await access.get('participants', path))
    }
    const participants = eachOnce(page.rows.map(row => decodeParticipant(row, conference)))
    const size = pageSize(page.envelope, path, page.rows.length)
    if (size === null || page.rows.length !== size) return participants
    const all = await readOn(access, path, conference, participants, { size, total: page.envelope.total })
    // Somebody who leaves pulls others onto a page that was read already.
    if (all.isGapless || attempt === ENVELOPE_TRIES) return all.participants
  }
}

/** Whoever is listed twice is as the last row says. Restcomm lists by SID, so that hardly ever anything is to be done. */
const eachOnce = (participants: readonly Participant[]): readonly Participant[] => {
  const ascend = participants.every(({ callSid }, i) => i === 0 || callSid > (participants[i - 1]?.callSid ?? ''))
  return ascend
    ? participants
    : [...new Map(participants.map(participant => [participant.callSid, participant])).values()]
}

/** The pages after the first one. */
const readOn = async (
  access: Access,
  path: string,
  conference: ConferenceKey,
  first: readonly Participant[],
  { size, total }: { readonly size: number; readonly total: unknown },
) => {
  const found = new Map(first.map(participant => [participant.callSid, participant]))
  let isGapless = true
  for (let page = 1; page < MAXIMUM_PAGES; page++) {
    const known = found.size
    const next = await askBeyond(access, path, new URLSearchParams({ Page: String(page), PageSize: String(size) }))
    for (const row of next.rows) {
      const participant = decodeParticipant(row, conference)
      found.set(participant.callSid, participant)
    }
    if (next.total !== null && next.total !== total) isGapless = false
    if (next.rows.length !== size || found.size === known) break
  }
  return { participants: [...found.values()], isGapless }
}

/**
 * How many rows the pages of a list have that may go on; null where this is all of it. Where the envelope stays another
 * request's, only a server of the kind that may page is asked whether there is more.
 */
const pageSize = (envelope: Envelope, path: string, rowCount: number): number | null => {
  const { total, page_size: size } = envelope
  if (!isOwnPath(envelope, path)) return dialectOf(envelope) === 'cloud' && rowCount > 0 ? rowCount : null
  return typeof size === 'number' && typeof total === 'number' && total > size ? size : null
}

const pageOf = (answer: unknown) => {
  const { members: envelope } = wireObject('list', answer)
  return { envelope, rows: wireArray('list of participants', envelope.calls) }
}

/** The rows of a later page, none where the server says that there is no such page. */
const askBeyond = async (access: Access, path: string, query: URLSearchParams) => {
  try {
    const { rows, envelope } = pageOf(await access.get('participants', path, query))
    return { rows, total: isOwnPath(envelope, path) ? envelope.total : null }
  } catch (error) {
    if (error instanceof RestcommError && error.failure === 'rejected') return { rows: [], total: null }
    throw error
  }
}

/**
 * Mutes or unmutes. The flag is always sent: Restcomm takes anything but `true`, also nothing at all, for "unmute". It
 * answers 406 for a call that it does not know, 400 for one of another account than the path's, which need not be the
 * conference's, and 500 for one that is over.
 */
export const postMute = (
  access: Access,
  { accountSid, conference, callSid }: Participant,
  muted: boolean,
  onLate: () => void,
): Promise<void> =>
  access.post(
    'participant',
    `${conferencePath({ accountSid, sid: conference.sid })}/Participants/${callSid}`,
    new URLSearchParams({ Mute: String(muted) }),
    onLate,
  )
