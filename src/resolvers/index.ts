import { Account } from './account.ts'
import { Call, Recording } from './call.ts'
import { Conference } from './conference.ts'
import { _entities } from './entities.ts'
import { Node } from './node.ts'
import { Participant } from './participant.ts'
import { Query } from './query.ts'
import { scalars } from './scalars.ts'

export const resolvers = {
  ...scalars,
  Query: { ...Query, _entities },
  Node,
  Account,
  Conference,
  Participant,
  Call,
  Recording,
}
