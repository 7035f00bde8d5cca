import type { GraphQLResolveInfo } from 'graphql'
import { badUserInput } from '../userInputError.ts'
import { Account } from './account.ts'
import { Call, Recording } from './call.ts'
import { Conference } from './conference.ts'
import { Participant } from './participant.ts'

type Reference = Readonly<Record<string, unknown>>
type ReferenceResolver<Context> = (reference: Reference, context: Context, info: GraphQLResolveInfo) => unknown

const TYPES: ReadonlyMap<unknown, { readonly __resolveReference?: unknown }> = new Map(
  Object.entries({ Account, Conference, Participant, Call, Recording }),
)

/**
 * What a router asks for by reference, in its order.
 *
 * In place of @apollo/subgraph's own: there a reference that is refused, or is to a type that is no entity, fails the
 * whole list, and here it is an error at its own place. All of them start in one turn, so that the loaders batch them.
 */
export const _entities = <Context>(
  _root: unknown,
  { representations }: { readonly representations: readonly Reference[] },
  context: Context,
  info: GraphQLResolveInfo,
): readonly Promise<unknown>[] =>
  representations.map(async reference => {
    const { __typename } = reference
    const resolve = TYPES.get(__typename)?.__resolveReference as ReferenceResolver<Context> | undefined
    if (resolve === undefined) throw badUserInput('This reference is to a type that is no entity of this graph.')
    const found = await resolve(reference, context, info)
    return found && { ...found, __typename }
  })
