import type { MutationResolvers, UserErrorResolvers } from '../generated/types.ts'
import { badUserInput } from '../userInputError.ts'
import { conferenceKeyOf, participantId, participantKeyOf } from './ids.ts'

export const Mutation: MutationResolvers = {
  muteParticipant: async (_root, { input }, { moderator }) => {
    const { participant, refusals } = await moderator.setMuted(participantKeyOf({ id: input.participantId }), true)
    return { participant, userErrors: refusals }
  },
  unmuteParticipant: async (_root, { input }, { moderator }) => {
    const { participant, refusals } = await moderator.setMuted(participantKeyOf({ id: input.participantId }), false)
    return { participant, userErrors: refusals }
  },
  hangUpParticipant: async (_root, { input }, { moderator }) => {
    const { call, conference, refusals } = await moderator.hangUp(participantKeyOf({ id: input.participantId }))
    return { call, conference, userErrors: refusals }
  },
  muteConference: async (_root, { input }, { moderator }) => {
    const key = conferenceKeyOf({ id: input.conferenceId })
    const except = (input.except ?? []).map(id => participantKeyOf({ id }))
    const stranger = except.find(
      ({ conference }) => conference.sid !== key.sid || conference.accountSid !== key.accountSid,
    )
    if (stranger !== undefined) throw badUserInput('`except` names a participant of another conference.')
    const { conference, muted, refusals } = await moderator.muteAll(key, new Set(except.map(({ callSid }) => callSid)))
    return { conference, muted, userErrors: refusals }
  },
  endConference: async (_root, { input }, { moderator }) => {
    const { conference, hungUp, refusals } = await moderator.end(conferenceKeyOf({ id: input.conferenceId }))
    return { conference, hungUp, userErrors: refusals }
  },
}

export const UserError: UserErrorResolvers = {
  participantId: ({ participant }) => participant && participantId(participant),
}
