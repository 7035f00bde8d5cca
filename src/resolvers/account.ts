import type { AccountResolvers } from '../generated/types.ts'
import { accountId, accountKeyOf } from './keys.ts'

export const Account: AccountResolvers = {
  __resolveReference: (reference, { loaders }) => loaders.account.load(accountKeyOf(reference)),
  id: ({ sid }) => accountId(sid),
  conferences: ({ sid }, args, { loaders }) => loaders.conferences.connection(sid, args),
}
