import type { QueryResolvers } from '../generated/types.ts'

type ResolverOf<T> = Extract<T, (...args: never) => unknown>

/** What comes with every request. Taken from the generated types, so that resolvers need not know where it is from. */
export type Context = Parameters<ResolverOf<QueryResolvers['viewer']>>[2]
