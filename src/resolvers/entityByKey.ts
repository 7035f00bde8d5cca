import type { GraphQLResolveInfo } from 'graphql'
import { asksOnlyFor, type Known } from './selection.ts'

const account = { id: true, sid: true } as const

/** What the key of an object says of it, for the types that Restcomm shows to whoever may see them by their key. */
const KNOWN = {
  Account: account,
  Conference: { id: true, sid: true, accountSid: true, account },
  Call: { id: true, sid: true, accountSid: true },
} satisfies Record<string, Known>

/**
 * The object that a key names. It is not read where the query asks for nothing but what the key itself says: then it
 * is as good as the key, which a reference vouches for, and no upstream request is spent on it. So nothing has asked
 * whether the caller may see it, either.
 */
export const named = async <Key extends object, Model extends Key>(
  type: keyof typeof KNOWN,
  key: Key,
  info: GraphQLResolveInfo,
  read: () => Promise<Model | null>,
): Promise<Model | null> =>
  // A key has not all that a model has, but all that this query will look at.
  asksOnlyFor(KNOWN[type], type, info) ? (key as Model) : read()
