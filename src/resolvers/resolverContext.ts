import type { QueryResolvers } from '../generated/types.ts'

type ResolverOf<T> = Extract<T, (...args: never) => unknown>

/** The request context, derived from the generated types so that resolvers do not import the context module. */
export type ResolverContext = Parameters<ResolverOf<QueryResolvers['viewer']>>[2]
