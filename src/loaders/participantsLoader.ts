import { type ConferenceKey, isConferenceOver, type Participant } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { perKeyLoader } from './batch.ts'
import type { ConferenceLoader } from './conferenceLoader.ts'

/**
 * Loads the participants of a conference; empty for an unknown or ended conference. The conference is read first,
 * because Restcomm does not check permissions for participants.
 */
export function createParticipantsLoader(client: RestcommClient, conferences: ConferenceLoader) {
  return perKeyLoader<ConferenceKey, readonly Participant[]>(
    'participants',
    async key => {
      const conference = await conferences.load(key)
      return conference === null || isConferenceOver(conference) ? [] : client.participants(key)
    },
    ({ accountSid, sid }) => `${accountSid}/${sid}`,
  )
}
