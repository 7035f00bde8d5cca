import type { MutationResolvers, UserErrorResolvers } from '../generated/types.ts'
import { badUserInput, quote } from '../userInputError.ts'
import { parseConferenceKey, parseParticipantKey, participantId } from './ids.ts'

export const Mutation: MutationResolvers = {
  muteParticipant: async (_root, { input }, { commands }) =>
    commands().setMuted(parseParticipantKey({ id: input.participantId }), true),
  unmuteParticipant: async (_root, { input }, { commands }) =>
    commands().setMuted(parseParticipantKey({ id: input.participantId }), false),
  hangUpParticipant: async (_root, { input }, { commands }) =>
    commands().hangUp(parseParticipantKey({ id: input.participantId })),
  muteConference: async (_root, { input }, { commands }) => {
    const key = parseConferenceKey({ id: input.conferenceId })
    const except = (input.except ?? []).map(id => parseParticipantKey({ id }))
    const mismatch = except.findIndex(
      ({ conference }) => conference.sid !== key.sid || conference.accountSid !== key.accountSid,
    )
    if (mismatch >= 0) {
      const id = quote(input.except?.[mismatch])
      throw badUserInput(
        `\`except\` contains ${id} of a different conference: expected participants of \`conferenceId\`.`,
      )
    }
    return commands().muteAll(key, new Set(except.map(({ callSid }) => callSid)))
  },
  endConference: async (_root, { input }, { commands }) =>
    commands().end(parseConferenceKey({ id: input.conferenceId })),
}

export const UserError: UserErrorResolvers = {
  participantId: ({ participant }) => participant && participantId(participant),
}
