import { type ConferenceKey, isFinal, type Participant } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { Trace } from '../tracer.ts'
import type { ConferenceLoader } from './conference.ts'
import { eachAlone } from './batch.ts'

/**
 * Everybody who is in a conference.
 *
 * Restcomm shows the participants of any conference to anybody, so the conference itself is read first, with the same
 * credentials: one that these may not see is an error here too. One that does not exist, or is over, has none.
 */
export const participantsLoader = (client: RestcommClient, conferences: ConferenceLoader, trace: Trace) =>
  eachAlone<ConferenceKey, readonly Participant[]>(
    { trace, noun: 'participants' },
    async key => {
      const conference = await conferences.load(key)
      return conference === null || isFinal(conference) ? [] : client.participants(key)
    },
    ({ accountSid, sid }) => `${accountSid}/${sid}`,
  )
