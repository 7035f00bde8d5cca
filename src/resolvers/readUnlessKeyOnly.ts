import type { GraphQLResolveInfo } from 'graphql'
import { type KnownFields, selectsOnly } from './selection.ts'

const ACCOUNT_KEY_FIELDS = { id: true, sid: true } as const

/** Fields known from the key without a read. Omits participants and recordings, which Restcomm finds only in lists. */
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
  // The cast is safe, because the key contains all selected fields of the model.
  return selectsOnly(KEY_FIELDS[type], type, info) ? (key as Model) : read()
}
