import type { ConferenceResolvers } from '../generated/types.ts'
import { isFinal } from '../model.ts'
import { existing } from './assertFound.ts'
import { conferenceId, conferenceKeyOf } from './ids.ts'
import { named } from './entityByKey.ts'

export const Conference: ConferenceResolvers = {
  __resolveReference: (reference, { loaders, checkAccount }, info) => {
    const key = conferenceKeyOf(reference)
    checkAccount(key.accountSid)
    return named('Conference', key, info, () => loaders.conference.load(key))
  },
  id: conferenceId,
  account: async ({ accountSid: sid }, _args, { loaders }, info) =>
    existing(await named('Account', { sid }, info, () => loaders.account.load(sid))),
  isRunning: conference => !isFinal(conference),
  participants: (conference, args, { loaders }) => loaders.participantConnection(conference, args),
  participant: (conference, { callSid }, { loaders }) => loaders.participant({ conference, callSid }),
  calls: (conference, args, { loaders }) => loaders.calls.connection(conference, args),
}
