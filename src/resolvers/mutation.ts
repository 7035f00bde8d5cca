import type { MutationResolvers, UserErrorResolvers } from '../generated/types.ts'
import { badUserInput, quote } from '../userInputError.ts'
import { parseConferenceKey, parseParticipantKey, participantId } from './ids.ts'

export const Mutation: MutationResolvers = {
  muteParticipant: async (_root, { input }, { commands }) => {
    const { participant, userErrors } = await commands.setMuted(parseParticipantKey({ id: input.participantId }), true)
    return { participant, userErrors }
  },
  unmuteParticipant: async (_root, { input }, { commands }) => {
    const { participant, userErrors } = await commands.setMuted(parseParticipantKey({ id: input.participantId }), false)
    return { participant, userErrors }
  },
  hangUpParticipant: async (_root, { input }, { commands }) => {
    const { call, conference, userErrors } = await commands.hangUp(parseParticipantKey({ id: input.participantId }))
    return { call, conference, userErrors }
  },
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
    const { conference, muted, userErrors } = await commands.muteAll(key, new Set(except.map(({ callSid }) => callSid)))
    return { conference, muted, userErrors }
  },
  endConference: async (_root, { input }, { commands }) => {
    const { conference, hungUp, userErrors } = await commands.end(parseConferenceKey({ id: input.conferenceId }))
    return { conference, hungUp, userErrors }
  },
}

export const UserError: UserErrorResolvers = {
  participantId: ({ participant }) => participant && participantId(participant),
}
