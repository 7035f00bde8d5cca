import type { Random } from '../random.ts'
import { below, chance } from '../random.ts'
import type { NewCall } from '../rows/newRows.ts'
import type { CallRow, ConferenceRow } from '../rows/rows.ts'
import { timestamp } from '../rows/timestamp.ts'
import { PEOPLE, personName, personNumber } from './names.ts'

/** The number that callers dial to get into the rooms. */
const ACCESS_NUMBER = '+15550100000'

/** A call of somebody who is not in the room yet, at this moment. The first one in is the moderator. */
export const caller = (
  random: Random,
  room: Readonly<ConferenceRow>,
  present: readonly Readonly<CallRow>[],
  at: Date,
): NewCall => {
  const inside = new Set(present.map(call => call.sender))
  let person = below(random, PEOPLE)
  while (inside.has(personNumber(person))) person = (person + 1) % PEOPLE
  const moderator = present.length === 0
  return {
    account_sid: room.account_sid,
    conference_sid: room.sid,
    caller_name: personName(person),
    sender: personNumber(person),
    recipient: ACCESS_NUMBER,
    date_created: timestamp(at),
    date_updated: timestamp(at),
    start_time: timestamp(at),
    ring_duration: 1 + below(random, 9),
    muted: !moderator && chance(random, 0.4),
    on_hold: chance(random, 0.05),
    start_conference_on_enter: moderator,
    end_conference_on_exit: moderator,
  }
}
