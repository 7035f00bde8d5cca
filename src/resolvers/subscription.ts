import type { ConferenceEventResolvers, SubscriptionResolvers } from '../generated/types.ts'
import { parseConferenceKey } from './ids.ts'
import type { ResolverContext } from './resolverContext.ts'

type LiveEvent<F extends keyof ResolverContext['live']> =
  Awaited<ReturnType<ResolverContext['live'][F]>> extends AsyncIterator<infer E, unknown, unknown> ? E : never

/** Throws the error of a failed poll. Only the event fails; the subscription continues. */
function unwrapEvent<E>(event: E | Error): E {
  if (event instanceof Error) throw event
  return event
}

/** All events of a subscription share a request context, so the loaders are cleared before each event. */
export const Subscription: SubscriptionResolvers = {
  conferenceEvents: {
    subscribe: (_root, { conferenceId }, { live }) => live.conference(parseConferenceKey({ id: conferenceId })),
    resolve: (event: LiveEvent<'conference'>, _args: unknown, { loaders }: ResolverContext) => {
      const conferenceEvent = unwrapEvent(event)
      loaders.clear()
      loaders.prime(conferenceEvent.conference, conferenceEvent.participants, conferenceEvent.activeCalls)
      return conferenceEvent
    },
  },
  conferencesChanged: {
    subscribe: async (_root, { accountSid }, { live, resolveViewerSid }) =>
      live.account(accountSid ?? (await resolveViewerSid())),
    resolve: (event: LiveEvent<'account'>, _args: unknown, { loaders }: ResolverContext) => {
      const conference = unwrapEvent(event)
      loaders.clear()
      loaders.prime(conference)
      return conference
    },
  },
}

export const ConferenceEvent: ConferenceEventResolvers = {
  __resolveType: ({ __typename }) => __typename,
}
