import { _entities, Account, Call, Conference, Participant, Recording } from './objectTypes.ts'
import { ConferenceEvent, Mutation, Node, Query, Subscription, UserError } from './rootTypes.ts'
import { scalars } from './scalars.ts'

export const resolvers = {
  ...scalars,
  Query: { ...Query, _entities },
  Mutation,
  Subscription,
  Node,
  Account,
  Conference,
  Participant,
  Call,
  Recording,
  UserError,
  ConferenceEvent,
}
