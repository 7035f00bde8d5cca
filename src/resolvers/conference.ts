import type { ConferenceResolvers } from '../generated/types.ts'
import { isFinal } from '../model.ts'
import { existing } from './existing.ts'
import { conferenceId, conferenceKeyOf } from './keys.ts'

export const Conference: ConferenceResolvers = {
  __resolveReference: (reference, { loaders }) => loaders.conference.load(conferenceKeyOf(reference)),
  id: conferenceId,
  account: async ({ accountSid }, _args, { loaders }) => existing(await loaders.account.load(accountSid)),
  isRunning: conference => !isFinal(conference),
  participants: (conference, args, { loaders }) => loaders.participantConnection(conference, args),
  participant: (conference, { callSid }, { loaders }) => loaders.participant({ conference, callSid }),
  calls: (conference, args, { loaders }) => loaders.calls.connection(conference, args),
}
