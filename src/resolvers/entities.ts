import type { GraphQLResolveInfo } from 'graphql'
import { badUserInput, quote } from '../userInputError.ts'
import type { Reference } from './ids.ts'
import { Account, Call, Conference, Participant, Recording } from './objectTypes.ts'

type ReferenceResolver<Context> = (reference: Reference, context: Context, info: GraphQLResolveInfo) => unknown

const ENTITY_RESOLVERS: ReadonlyMap<unknown, { readonly __resolveReference?: unknown }> = new Map(
  Object.entries({ Account, Conference, Participant, Call, Recording }),
)

/**
 * Replaces the implementation of @apollo/subgraph, where an invalid reference fails the whole list. Here only the
 * affected entity fails. All lookups start in the same turn of the event loop, so the loaders batch them.
 */
export function _entities<Context>(
  _root: unknown,
  { representations }: { readonly representations: readonly Reference[] },
  context: Context,
  info: GraphQLResolveInfo,
): readonly Promise<unknown>[] {
  return representations.map(async reference => {
    const { __typename } = reference
    const resolve = ENTITY_RESOLVERS.get(__typename)?.__resolveReference as ReferenceResolver<Context> | undefined
    if (resolve === undefined) {
      const names = [...ENTITY_RESOLVERS.keys()].join(', ')
      throw badUserInput(`${quote(__typename)} is not an entity type of this subgraph: expected one of ${names}.`)
    }
    const entity = await resolve(reference, context, info)
    return entity && { ...entity, __typename }
  })
}
