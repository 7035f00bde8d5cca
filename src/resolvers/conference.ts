import type { ConferenceResolvers } from '../generated/types.ts'
import { isConferenceOver } from '../model.ts'
import { assertFound } from './assertFound.ts'
import { conferenceId, parseConferenceKey } from './ids.ts'
import { readUnlessKeyOnly } from './readUnlessKeyOnly.ts'

export const Conference: ConferenceResolvers = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const key = parseConferenceKey(reference)
    assertAccountAllowed(key.accountSid)
    return readUnlessKeyOnly('Conference', key, info, () => loaders.conference.load(key))
  },
  id: conferenceId,
  account: async ({ accountSid: sid }, _args, { loaders }, info) =>
    assertFound(await readUnlessKeyOnly('Account', { sid }, info, () => loaders.account.load(sid)), `account ${sid}`),
  isRunning: conference => !isConferenceOver(conference),
  participants: (conference, args, { loaders }) => loaders.participantConnection(conference, args),
  participant: (conference, { callSid }, { loaders }) => loaders.participant({ conference, callSid }),
  calls: (conference, args, { loaders }) => loaders.callConnection(conference, args),
}
