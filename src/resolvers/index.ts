import {
  _entities,
  Account,
  Call,
  Conference,
  ConferenceEvent,
  Node,
  Participant,
  Recording,
  UserError,
} from './objectTypes.ts'
import { Mutation, Query, Subscription } from './rootTypes.ts'
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
