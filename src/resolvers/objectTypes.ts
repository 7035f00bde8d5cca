import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'
import type { Resolvers, ResolversParentTypes } from '../generated/types.ts'
import { type CallKey, type ConferenceKey, isConferenceOver, type ParticipantKey, type RecordingKey } from '../model.ts'
import { decodeNodeId, encodeNodeId, invalidNodeId } from '../relay/nodeId.ts'
import { badUserInput, quote } from '../userInputError.ts'
import { readUnlessKeyOnly } from './readUnlessKeyOnly.ts'
import { scalars } from './scalars.ts'

/** Throws if an object to which Restcomm refers does not exist. `description` is, for example, `account AC…`. */
export function assertFound<T>(object: T | null, description: string): T {
  if (object === null) throw new Error(`Restcomm refers to ${description}, but answers that it does not exist.`)
  return object
}

export const Account = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const sid = parseAccountSid(reference)
    assertAccountAllowed(sid)
    return readUnlessKeyOnly('Account', { sid }, info, () => loaders.account.load(sid))
  },
  id: ({ sid }) => encodeNodeId('Account', sid),
  conferences: ({ sid }, args, { loaders }) => loaders.conferences.connection(sid, args),
} satisfies Resolvers['Account']

export const Conference = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const key = parseConferenceKey(reference)
    assertAccountAllowed(key.accountSid)
    return readUnlessKeyOnly('Conference', key, info, () => loaders.conference.load(key))
  },
  id: ({ accountSid, sid }) => encodeNodeId('Conference', accountSid, sid),
  account: async ({ accountSid: sid }, _args, { loaders }, info) =>
    assertFound(await readUnlessKeyOnly('Account', { sid }, info, () => loaders.account.load(sid)), `account ${sid}`),
  isRunning: conference => !isConferenceOver(conference),
  participants: (conference, args, { loaders }) => loaders.participantConnection(conference, args),
  participant: (conference, { callSid }, { loaders }) => loaders.participant({ conference, callSid }),
  calls: (conference, args, { loaders }) => loaders.callConnection(conference, args),
} satisfies Resolvers['Conference']

export const Participant = {
  __resolveReference: (reference, { loaders }) => loaders.participant(parseParticipantKey(reference)),
  id: participantId,
  conferenceSid: ({ conference }) => conference.sid,
  conference: async ({ conference }, _args, { loaders }) =>
    assertFound(await loaders.conference.load(conference), `conference ${conference.sid}`),
  call: (participant, _args, { loaders }) => loaders.participantCall.load(participant),
} satisfies Resolvers['Participant']

export const Call = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const key = parseCallKey(reference)
    assertAccountAllowed(key.accountSid)
    return readUnlessKeyOnly('Call', key, info, () => loaders.call.load(key))
  },
  id: ({ accountSid, sid }) => encodeNodeId('Call', accountSid, sid),
  recordings: (call, _args, { loaders }) => loaders.recordings.load(call),
} satisfies Resolvers['Call']

export const Recording = {
  __resolveReference: (reference, { loaders }) => loaders.recording(parseRecordingKey(reference)),
  id: ({ accountSid, callSid, sid }) => encodeNodeId('Recording', accountSid, callSid, sid),
} satisfies Resolvers['Recording']

export type NodeModel = ResolversParentTypes['Node']
type Lookup = (loaders: Context['loaders'], reference: { readonly id: string }) => Promise<NodeModel | null>

const LOOKUPS: ReadonlyMap<string, Lookup> = new Map<string, Lookup>([
  ['Account', (loaders, reference) => loaders.account.load(parseAccountSid(reference))],
  ['Conference', (loaders, reference) => loaders.conference.load(parseConferenceKey(reference))],
  ['Participant', (loaders, reference) => loaders.participant(parseParticipantKey(reference))],
  ['Call', (loaders, reference) => loaders.call.load(parseCallKey(reference))],
  ['Recording', (loaders, reference) => loaders.recording(parseRecordingKey(reference))],
])

/** Loads an object by its `id`. Adds the type name, which the resolver of the `Node` interface needs. */
export async function loadNode(id: string, { loaders }: Context) {
  const { type: __typename } = decodeNodeId(id)
  const node = await LOOKUPS.get(__typename)?.(loaders, { id })
  if (node === undefined) throw invalidNodeId(id)
  return node && { __typename, ...node }
}

type ReferenceResolver = (reference: Reference, context: Context, info: GraphQLResolveInfo) => unknown

const ENTITY_RESOLVERS: ReadonlyMap<unknown, { readonly __resolveReference?: unknown }> = new Map(
  Object.entries({ Account, Conference, Participant, Call, Recording }),
)

/**
 * Replaces the implementation of @apollo/subgraph, where an invalid reference fails the whole list. Here only the
 * affected entity fails. All lookups start in the same turn of the event loop, so the loaders batch them.
 */
export function _entities(
  _root: unknown,
  { representations }: { readonly representations: readonly Reference[] },
  context: Context,
  info: GraphQLResolveInfo,
): readonly Promise<unknown>[] {
  return representations.map(async reference => {
    const { __typename } = reference
    const resolve = ENTITY_RESOLVERS.get(__typename)?.__resolveReference as ReferenceResolver | undefined
    if (resolve === undefined) {
      const names = [...ENTITY_RESOLVERS.keys()].join(', ')
      throw badUserInput(`${quote(__typename)} is not an entity type of this subgraph: expected one of ${names}.`)
    }
    const entity = await resolve(reference, context, info)
    return entity && { ...entity, __typename }
  })
}

/** Contains an `id` or the key fields of a federation reference. The parse functions validate the untyped values. */
export type Reference = Readonly<Record<string, unknown>>

const { AccountSid, ConferenceSid, CallSid, RecordingSid } = scalars

const KEY_COUNTS = { Account: 1, Conference: 2, Participant: 3, Call: 2, Recording: 3 } as const

/**
 * Returns the keys of an object from an `id` of the given type, or from the key fields of a reference. Throws
 * `BAD_USER_INPUT` for an invalid id or a different type.
 */
function keysOf(type: keyof typeof KEY_COUNTS, reference: Reference, keyFields: readonly string[]): readonly unknown[] {
  if (!('id' in reference)) return keyFields.map(field => reference[field])
  const nodeId = decodeNodeId(String(reference.id))
  if (nodeId.type !== type) {
    throw badUserInput(`${quote(reference.id)} is the id of a ${nodeId.type}: expected the id of a ${type}.`)
  }
  // Additional keys are not ignored, because an object would otherwise have several valid ids.
  if (nodeId.keys.length !== KEY_COUNTS[type]) throw invalidNodeId(String(reference.id))
  return nodeId.keys
}

export function parseAccountSid(reference: Reference): string {
  const [sid] = keysOf('Account', reference, ['sid'])
  return AccountSid.parseValue(sid)
}

export function parseConferenceKey(reference: Reference): ConferenceKey {
  const [account, sid] = keysOf('Conference', reference, ['accountSid', 'sid'])
  return { accountSid: AccountSid.parseValue(account), sid: ConferenceSid.parseValue(sid) }
}

export function participantId({ conference, callSid }: ParticipantKey): string {
  return encodeNodeId('Participant', conference.accountSid, conference.sid, callSid)
}

export function parseParticipantKey(reference: Reference): ParticipantKey {
  const [account, conference, call] = keysOf('Participant', reference, ['accountSid', 'conferenceSid', 'callSid'])
  return {
    conference: { accountSid: AccountSid.parseValue(account), sid: ConferenceSid.parseValue(conference) },
    callSid: CallSid.parseValue(call),
  }
}

export function parseCallKey(reference: Reference): CallKey {
  const [account, sid] = keysOf('Call', reference, ['accountSid', 'sid'])
  return { accountSid: AccountSid.parseValue(account), sid: CallSid.parseValue(sid) }
}

export function parseRecordingKey(reference: Reference): RecordingKey {
  const [account, call, sid] = keysOf('Recording', reference, [])
  return {
    call: { accountSid: AccountSid.parseValue(account), sid: CallSid.parseValue(call) },
    sid: RecordingSid.parseValue(sid),
  }
}
