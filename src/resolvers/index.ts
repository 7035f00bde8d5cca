import { Mutation, UserError } from './mutation.ts'
import { _entities, Account, Call, Conference, Participant, Recording } from './objectTypes.ts'
import { Node, Query } from './query.ts'
import { scalars } from './scalars.ts'
import { ConferenceEvent, Subscription } from './subscription.ts'

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
