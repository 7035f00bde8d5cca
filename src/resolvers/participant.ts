import type { ParticipantResolvers } from '../generated/types.ts'
import { assertFound } from './assertFound.ts'
import { parseParticipantKey, participantId } from './ids.ts'

export const Participant: ParticipantResolvers = {
  __resolveReference: (reference, { loaders }) => loaders.participant(parseParticipantKey(reference)),
  id: participantId,
  conferenceSid: ({ conference }) => conference.sid,
  conference: async ({ conference }, _args, { loaders }) =>
    assertFound(await loaders.conference.load(conference), `conference ${conference.sid}`),
  call: (participant, _args, { loaders }) => loaders.participantCall.load(participant),
}
