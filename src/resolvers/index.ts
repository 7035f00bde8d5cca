import { _entities, Account, Call, Conference, Participant, Recording, UserError } from './objectTypes.ts'
import { Mutation, Query, Subscription } from './rootTypes.ts'
import { scalars } from './scalars.ts'

export const resolvers = {
  ...scalars,
  Query: { ...Query, _entities },
  Mutation,
  Subscription,
  Account,
  Conference,
  Participant,
  Call,
  Recording,
  UserError,
}
