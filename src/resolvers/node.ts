import type { NodeResolvers, QueryResolvers, ResolversParentTypes } from '../generated/types.ts'
import { badUserInput } from '../userInputError.ts'
import { fromNodeId } from '../relay/nodeId.ts'
import type { Context } from './context.ts'
import { accountKeyOf, callKeyOf, conferenceKeyOf, participantKeyOf, recordingKeyOf } from './ids.ts'

type Resolver<T> = Extract<T, (...args: never) => unknown>
type Found = ResolversParentTypes['Node']

/** Under its type's name, which is how the interface knows it again. */
const typed = async <N extends string, T extends object>(__typename: N, found: Promise<T | null>) => {
  const node = await found
  return node && { __typename, ...node }
}

const lookUp = (id: string, { loaders }: Context) => {
  const { type } = fromNodeId(id)
  switch (type) {
    case 'Account':
      return typed(type, loaders.account.load(accountKeyOf({ id })))
    case 'Conference':
      return typed(type, loaders.conference.load(conferenceKeyOf({ id })))
    case 'Participant':
      return typed(type, loaders.participant(participantKeyOf({ id })))
    case 'Call':
      return typed(type, loaders.call.load(callKeyOf({ id })))
    case 'Recording':
      return typed(type, loaders.recording(recordingKeyOf({ id })))
    default:
      throw badUserInput('This id was not issued by this API.')
  }
}

export const node: Resolver<QueryResolvers['node']> = async (_root, { id }, context) => lookUp(id, context)

export const nodes: Resolver<QueryResolvers['nodes']> = (_root, { ids }, context) => {
  // Each a promise of its own, so that one that is refused or fails is an error at its own place.
  return ids.map(async id => lookUp(id, context)) as readonly Promise<Found>[]
}

export const Node: NodeResolvers = {
  __resolveType: found => (found as Found & { __typename: 'Account' }).__typename,
}
