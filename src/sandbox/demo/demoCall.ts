import type { Random } from '../random.ts'
import { chance, randomInteger } from '../random.ts'
import type { NewCall } from '../rows/newRows.ts'
import type { CallRow, ConferenceRow } from '../rows/rows.ts'
import { toTimestamp } from '../rows/timestamp.ts'
import { PERSON_COUNT, personName, personNumber } from './demoNames.ts'

/** The number that callers dial. */
const ACCESS_NUMBER = '+15550100000'

/** Creates a call from a person outside `present`. The first participant of a conference becomes the moderator. */
export function newDemoCall(
  random: Random,
  conference: Readonly<ConferenceRow>,
  present: readonly Readonly<CallRow>[],
  at: Date,
): NewCall {
  const presentNumbers = new Set(present.map(call => call.sender))
  let person = randomInteger(random, PERSON_COUNT)
  while (presentNumbers.has(personNumber(person))) person = (person + 1) % PERSON_COUNT
  const moderator = present.length === 0
  return {
    account_sid: conference.account_sid,
    conference_sid: conference.sid,
    caller_name: personName(person),
    sender: personNumber(person),
    recipient: ACCESS_NUMBER,
    date_created: toTimestamp(at),
    date_updated: toTimestamp(at),
    start_time: toTimestamp(at),
    ring_duration: 1 + randomInteger(random, 9),
    muted: !moderator && chance(random, 0.4),
    on_hold: chance(random, 0.05),
    start_conference_on_enter: moderator,
    end_conference_on_exit: moderator,
  }
}
