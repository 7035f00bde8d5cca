import type { ConferenceEventResolvers, SubscriptionResolvers } from '../generated/types.ts'
import type { Context } from './context.ts'
import { conferenceKeyOf } from './ids.ts'

type Told<F extends keyof Context['live']> =
  Awaited<ReturnType<Context['live'][F]>> extends AsyncIterator<infer E, unknown, unknown> ? E : never

/** An error that a watch told its subscribers: it is that of this event, and the stream goes on. */
const told = <E>(event: E | Error): E => {
  if (event instanceof Error) throw event
  return event
}

/** The context is that of the subscription, so each event begins by forgetting what was read for the one before. */
export const Subscription: SubscriptionResolvers = {
  conferenceEvents: {
    subscribe: (_root, { conferenceId }, { live }) => live.conference(conferenceKeyOf({ id: conferenceId })),
    resolve: (event: Told<'conference'>, _args: unknown, { loaders }: Context) => {
      const happened = told(event)
      loaders.forget()
      loaders.know(happened.conference, happened.participants, happened.liveCalls)
      return happened
    },
  },
  conferencesChanged: {
    subscribe: async (_root, { accountSid }, { live, viewerSid }) => live.account(accountSid ?? (await viewerSid())),
    resolve: (event: Told<'account'>, _args: unknown, { loaders }: Context) => {
      const conference = told(event)
      loaders.forget()
      loaders.know(conference)
      return conference
    },
  },
}

export const ConferenceEvent: ConferenceEventResolvers = {
  __resolveType: ({ __typename }) => __typename,
}
