import type { GraphQLResolveInfo } from 'graphql'
import { type KnownFields, selectsOnly } from './selection.ts'

const ACCOUNT_KEY_FIELDS = { id: true, sid: true } as const

/** Fields known from a key, for types that Restcomm finds by key alone. */
const KEY_FIELDS = {
  Account: ACCOUNT_KEY_FIELDS,
  Conference: { id: true, sid: true, accountSid: true, account: ACCOUNT_KEY_FIELDS },
  Call: { id: true, sid: true, accountSid: true },
} satisfies Record<string, KnownFields>

/** Skips the read if the selection needs only the key. Restcomm then checks neither existence nor permission. */
export async function readUnlessKeyOnly<Key extends object, Model extends Key>(
  type: keyof typeof KEY_FIELDS,
  key: Key,
  info: GraphQLResolveInfo,
  read: () => Promise<Model | null>,
): Promise<Model | null> {
  // The key lacks fields of the model, but has all fields of the selection.
  return selectsOnly(KEY_FIELDS[type], type, info) ? (key as Model) : read()
}
