import { Account } from './account.ts'
import { Call, Recording } from './call.ts'
import { Conference } from './conference.ts'
import { _entities } from './entities.ts'
import { Mutation, UserError } from './mutation.ts'
import { Node } from './node.ts'
import { Participant } from './participant.ts'
import { Query } from './query.ts'
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
