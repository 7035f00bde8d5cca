import type { Context } from '../context.ts'
import type { NodeResolvers, QueryResolvers, ResolversParentTypes } from '../generated/types.ts'
import { decodeNodeId, invalidNodeId } from '../relay/nodeId.ts'
import { parseAccountSid, parseCallKey, parseConferenceKey, parseParticipantKey, parseRecordingKey } from './ids.ts'
import { assertFound } from './objectTypes.ts'

type NodeModel = ResolversParentTypes['Node']

export const Query: QueryResolvers = {
  node: async (_root, { id }, context) => lookUp(id, context),
  // Each id has a separate promise, so an invalid id fails only the affected list item.
  nodes: (_root, { ids }, context) => ids.map(async id => lookUp(id, context)) as readonly Promise<NodeModel>[],
  viewer: async (_root, _args, { loaders, resolveViewerSid }) => {
    const sid = await resolveViewerSid()
    return assertFound(await loaders.account.load(sid), `account ${sid}`)
  },
  account: (_root, { sid }, { loaders }) => loaders.account.load(sid),
  conference: async (_root, { sid, accountSid }, { loaders, resolveViewerSid }) =>
    loaders.conference.load({ accountSid: accountSid ?? (await resolveViewerSid()), sid }),
  conferences: async (_root, { accountSid, ...args }, { loaders, resolveViewerSid, assertAccountAllowed }) => {
    // `resolveViewerSid` may send a request, so the arguments are validated first.
    if (!accountSid) loaders.conferences.validate(args)
    const owner = accountSid ?? (await resolveViewerSid())
    // If a list of 0 rows is requested, no request reaches Restcomm, so Restcomm cannot check the permission.
    assertAccountAllowed(owner)
    return loaders.conferences.connection(owner, args)
  },
}

export const Node: NodeResolvers = {
  __resolveType: node => (node as NodeModel & { __typename: 'Account' }).__typename,
}

function lookUp(id: string, { loaders }: Context) {
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

/** Adds the type name, which the resolver of the `Node` interface needs. */
async function withTypename<N extends string, T extends object>(__typename: N, lookup: Promise<T | null>) {
  const node = await lookup
  return node && { __typename, ...node }
}
