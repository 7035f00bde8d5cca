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

type Lookup = (loaders: Context['loaders'], reference: { readonly id: string }) => Promise<NodeModel | null>

const LOOKUPS: ReadonlyMap<string, Lookup> = new Map<string, Lookup>([
  ['Account', (loaders, reference) => loaders.account.load(parseAccountSid(reference))],
  ['Conference', (loaders, reference) => loaders.conference.load(parseConferenceKey(reference))],
  ['Participant', (loaders, reference) => loaders.participant(parseParticipantKey(reference))],
  ['Call', (loaders, reference) => loaders.call.load(parseCallKey(reference))],
  ['Recording', (loaders, reference) => loaders.recording(parseRecordingKey(reference))],
])

/** Adds the type name, which the resolver of the `Node` interface needs. */
async function lookUp(id: string, { loaders }: Context) {
  const { type: __typename } = decodeNodeId(id)
  const node = await LOOKUPS.get(__typename)?.(loaders, { id })
  if (node === undefined) throw invalidNodeId(id)
  return node && { __typename, ...node }
}
