import type { ParticipantResolvers } from '../generated/types.ts'
import { existing } from './assertFound.ts'
import { participantId, participantKeyOf } from './ids.ts'

export const Participant: ParticipantResolvers = {
  __resolveReference: (reference, { loaders }) => loaders.participant(participantKeyOf(reference)),
  id: participantId,
  conferenceSid: ({ conference }) => conference.sid,
  conference: async ({ conference }, _args, { loaders }) => existing(await loaders.conference.load(conference)),
  call: (participant, _args, { loaders }) => loaders.callOf.load(participant),
}
