import type { Context } from '../context.ts'
import type { Resolvers } from '../generated/types.ts'
import type * as events from '../live/events.ts'
import { isReadable } from '../model.ts'
import { badUserInput, quote } from '../userInputError.ts'
import { parseConferenceKey, parseParticipantKey, participantId } from './ids.ts'
import { assertFound, loadNode, type NodeModel } from './objectTypes.ts'

export const Query = {
  node: async (_root, { id }, context) => loadNode(id, context),
  // Each id has a separate promise, so an invalid id fails only the affected list item.
  nodes: (_root, { ids }, context) => ids.map(async id => loadNode(id, context)) as readonly Promise<NodeModel>[],
  viewer: async (_root, _args, { loaders, resolveViewerSid }) => {
    const sid = await resolveViewerSid()
    return assertFound(await loaders.account.load(sid), `account ${sid}`)
  },
  account: (_root, { sid }, { loaders }) => loaders.account.load(sid),
  conference: async (_root, { sid, accountSid }, { loaders, resolveViewerSid }) =>
    loaders.conference.load({ accountSid: accountSid ?? (await resolveViewerSid()), sid }),
  conferences: async (_root, { accountSid, ...args }, { loaders, resolveViewerSid, assertAccountAllowed }) => {
    // `resolveViewerSid` may send a request, so the arguments are validated first.
    if (!accountSid) loaders.conferences.validate(args)
    const owner = accountSid ?? (await resolveViewerSid())
    // If a list of 0 rows is requested, no request reaches Restcomm, so Restcomm cannot check the permission.
    assertAccountAllowed(owner)
    return loaders.conferences.connection(owner, args)
  },
} satisfies Resolvers['Query']

export const Mutation = {
  muteParticipant: async (_root, { input }, { commands }) =>
    commands().setMuted(parseParticipantKey({ id: input.participantId }), true),
  unmuteParticipant: async (_root, { input }, { commands }) =>
    commands().setMuted(parseParticipantKey({ id: input.participantId }), false),
  hangUpParticipant: async (_root, { input }, { commands }) => {
    const key = parseParticipantKey({ id: input.participantId })
    const payload = await commands().hangUp(key)
    return { ...payload, removedParticipantId: payload.userErrors.length === 0 ? participantId(key) : null }
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
    return commands().muteAll(key, new Set(except.map(({ callSid }) => callSid)))
  },
  endConference: async (_root, { input }, { commands }) => {
    const conference = parseConferenceKey({ id: input.conferenceId })
    const payload = await commands().end(conference)
    const removedParticipantIds = payload.hungUp.map(({ sid }) => participantId({ conference, callSid: sid }))
    return { ...payload, removedParticipantIds }
  },
} satisfies Resolvers['Mutation']

/** All events of a subscription share a request context, so the loaders are cleared before each event. */
export const Subscription = {
  conferenceEvents: {
    subscribe: (_root, { conferenceId }, { live }) => live().conference(parseConferenceKey({ id: conferenceId })),
    resolve: (event: events.ConferenceEvent | Error, _args: unknown, { loaders, untilEventDeadline }: Context) => {
      // Only the event of a failed poll fails; the subscription continues.
      if (event instanceof Error) throw event
      loaders.clear()
      const { conference, participants, activeCalls } = event
      loaders.prime(conference, participants, activeCalls && (() => untilEventDeadline(activeCalls())))
      return event
    },
  },
  accountEvents: {
    subscribe: async (_root, { accountSid }, { live, resolveViewerSid }) =>
      live().account(accountSid ?? (await resolveViewerSid())),
    resolve: (event: events.AccountEvent | Error, _args: unknown, { loaders }: Context) => {
      if (event instanceof Error) throw event
      loaders.clear()
      const conferences = event.__typename === 'AccountSnapshot' ? event.runningConferences : [event.conference]
      for (const conference of conferences.filter(isReadable)) loaders.prime(conference)
      return event
    },
  },
} satisfies Resolvers['Subscription']
