import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'
import type { Resolvers, ResolversParentTypes } from '../generated/types.ts'
import { isConferenceOver, isReadable } from '../model.ts'
import { decodeNodeId, encodeNodeId, invalidNodeId } from '../relay/nodeId.ts'
import { badUserInput, quote } from '../userInputError.ts'
import * as ids from './ids.ts'
import { readUnlessKeyOnly } from './readUnlessKeyOnly.ts'

/** Throws if an object to which Restcomm refers does not exist. `description` is, for example, `account AC…`. */
export function assertFound<T>(object: T | null, description: string): T {
  if (object === null) throw new Error(`Restcomm refers to ${description}, but answers that it does not exist.`)
  return object
}

export const Account = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const sid = ids.parseAccountSid(reference)
    assertAccountAllowed(sid)
    return readUnlessKeyOnly('Account', { sid }, info, () => loaders.account.load(sid))
  },
  id: ({ sid }) => encodeNodeId('Account', sid),
  conferences: ({ sid }, args, { loaders }) => loaders.conferences.connection(sid, args),
} satisfies Resolvers['Account']

export const Conference = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const key = ids.parseConferenceKey(reference)
    assertAccountAllowed(key.accountSid)
    return readUnlessKeyOnly('Conference', key, info, () => loaders.conference.load(key))
  },
  id: ({ accountSid, sid }) => encodeNodeId('Conference', accountSid, sid),
  account: async ({ accountSid: sid }, _args, { loaders }, info) =>
    assertFound(await readUnlessKeyOnly('Account', { sid }, info, () => loaders.account.load(sid)), `account ${sid}`),
  isRunning: conference => (isReadable(conference.status) ? !isConferenceOver(conference) : conference.status),
  participants: (conference, args, { loaders }) => loaders.participantConnection(conference, args),
  participant: (conference, { callSid }, { loaders }) => loaders.participant({ conference, callSid }),
  calls: (conference, args, { loaders }) => loaders.callConnection(conference, args),
} satisfies Resolvers['Conference']

export const Participant = {
  __resolveReference: (reference, { loaders }) => loaders.participant(ids.parseParticipantKey(reference)),
  id: ids.participantId,
  conferenceSid: ({ conference }) => conference.sid,
  conference: async ({ conference }, _args, { loaders }) =>
    assertFound(await loaders.conference.load(conference), `conference ${conference.sid}`),
  call: (participant, _args, { loaders }) => loaders.participantCall.load(participant),
} satisfies Resolvers['Participant']

export const Call = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const key = ids.parseCallKey(reference)
    assertAccountAllowed(key.accountSid)
    return readUnlessKeyOnly('Call', key, info, () => loaders.call.load(key))
  },
  id: ({ accountSid, sid }) => encodeNodeId('Call', accountSid, sid),
  recordings: (call, _args, { loaders }) => loaders.recordings.load(call),
} satisfies Resolvers['Call']

export const Recording = {
  __resolveReference: (reference, { loaders }) => loaders.recording(ids.parseRecordingKey(reference)),
  id: ({ accountSid, callSid, sid }) => encodeNodeId('Recording', accountSid, callSid, sid),
} satisfies Resolvers['Recording']

export const UserError = {
  participantId: ({ participant }) => participant && ids.participantId(participant),
} satisfies Resolvers['UserError']

export type NodeModel = ResolversParentTypes['Node']
type Lookup = (loaders: Context['loaders'], reference: { readonly id: string }) => Promise<NodeModel | null>

const LOOKUPS: ReadonlyMap<string, Lookup> = new Map<string, Lookup>([
  ['Account', (loaders, reference) => loaders.account.load(ids.parseAccountSid(reference))],
  ['Conference', (loaders, reference) => loaders.conference.load(ids.parseConferenceKey(reference))],
  ['Participant', (loaders, reference) => loaders.participant(ids.parseParticipantKey(reference))],
  ['Call', (loaders, reference) => loaders.call.load(ids.parseCallKey(reference))],
  ['Recording', (loaders, reference) => loaders.recording(ids.parseRecordingKey(reference))],
])

/** Loads an object by its `id`. Adds the type name, from which GraphQL.js resolves the type of a `Node`. */
export async function loadNode(id: string, { loaders }: Context) {
  const { type: __typename } = decodeNodeId(id)
  const lookUp = LOOKUPS.get(__typename)
  if (lookUp === undefined) throw invalidNodeId(id)
  const node = await lookUp(loaders, { id })
  return node && { __typename, ...node }
}

type ReferenceResolver = (reference: ids.Reference, context: Context, info: GraphQLResolveInfo) => unknown

const ENTITY_RESOLVERS: ReadonlyMap<unknown, { readonly __resolveReference?: unknown }> = new Map(
  Object.entries({ Account, Conference, Participant, Call, Recording }),
)

function typeOfNode({ id = null }: ids.Reference): string {
  if (id === null) throw ids.missingKey('Node', [])
  return decodeNodeId(id).type
}

/**
 * Replaces the implementation of @apollo/subgraph, where an invalid reference fails the whole list. Here only the
 * affected entity fails. All lookups start in the same turn of the event loop, so the loaders batch them.
 */
export function _entities(
  _root: unknown,
  { representations }: { readonly representations: readonly ids.Reference[] },
  context: Context,
  info: GraphQLResolveInfo,
): readonly Promise<unknown>[] {
  return representations.map(async reference => {
    // For a key of the `Node` interface, a router knows only the interface.
    const __typename = reference.__typename === 'Node' ? typeOfNode(reference) : reference.__typename
    const resolve = ENTITY_RESOLVERS.get(__typename)?.__resolveReference as ReferenceResolver | undefined
    if (resolve === undefined) {
      const names = [...ENTITY_RESOLVERS.keys()].join(', ')
      throw badUserInput(`${quote(__typename)} is not an entity type of this subgraph: expected one of ${names}.`)
    }
    const entity = await resolve(reference, context, info)
    return entity && { ...entity, __typename }
  })
}
