import type { NodeResolvers, QueryResolvers, ResolversParentTypes } from '../generated/types.ts'
import { decodeNodeId, invalidNodeId } from '../relay/nodeId.ts'
import { parseAccountSid, parseCallKey, parseConferenceKey, parseParticipantKey, parseRecordingKey } from './ids.ts'
import type { ResolverContext } from './resolverContext.ts'

type Resolver<T> = Extract<T, (...args: never) => unknown>
type NodeModel = ResolversParentTypes['Node']

/** Adds the type name, which the resolver of the `Node` interface needs. */
async function withTypename<N extends string, T extends object>(__typename: N, lookup: Promise<T | null>) {
  const node = await lookup
  return node && { __typename, ...node }
}

function lookUp(id: string, { loaders }: ResolverContext) {
  const { type } = decodeNodeId(id)
  switch (type) {
    case 'Account':
      return withTypename(type, loaders.account.load(parseAccountSid({ id })))
    case 'Conference':
      return withTypename(type, loaders.conference.load(parseConferenceKey({ id })))
    case 'Participant':
      return withTypename(type, loaders.participant(parseParticipantKey({ id })))
    case 'Call':
      return withTypename(type, loaders.call.load(parseCallKey({ id })))
    case 'Recording':
      return withTypename(type, loaders.recording(parseRecordingKey({ id })))
    default:
      throw invalidNodeId(id)
  }
}

export const node: Resolver<QueryResolvers['node']> = async (_root, { id }, context) => lookUp(id, context)

export const nodes: Resolver<QueryResolvers['nodes']> = (_root, { ids }, context) => {
  // Each id has a separate promise, so an invalid id fails only the affected list item.
  return ids.map(async id => lookUp(id, context)) as readonly Promise<NodeModel>[]
}

export const Node: NodeResolvers = {
  __resolveType: node => (node as NodeModel & { __typename: 'Account' }).__typename,
}
