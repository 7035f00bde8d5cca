import type { Context } from '../context.ts'
import type { ConferenceEventResolvers, SubscriptionResolvers } from '../generated/types.ts'
import type { ConferenceEvent as LiveConferenceEvent } from '../live/events.ts'
import type { Conference } from '../model.ts'
import { parseConferenceKey } from './ids.ts'

/** All events of a subscription share a request context, so the loaders are cleared before each event. */
export const Subscription: SubscriptionResolvers = {
  conferenceEvents: {
    subscribe: (_root, { conferenceId }, { live }) => live().conference(parseConferenceKey({ id: conferenceId })),
    resolve: (event: LiveConferenceEvent | Error, _args: unknown, { loaders }: Context) => {
      // Only the event of a failed poll fails; the subscription continues.
      if (event instanceof Error) throw event
      loaders.clear()
      loaders.prime(event.conference, event.participants, event.activeCalls)
      return event
    },
  },
  conferencesChanged: {
    subscribe: async (_root, { accountSid }, { live, resolveViewerSid }) =>
      live().account(accountSid ?? (await resolveViewerSid())),
    resolve: (event: Conference | Error, _args: unknown, { loaders }: Context) => {
      if (event instanceof Error) throw event
      loaders.clear()
      loaders.prime(event)
      return event
    },
  },
}

export const ConferenceEvent: ConferenceEventResolvers = {
  __resolveType: ({ __typename }) => __typename,
}
