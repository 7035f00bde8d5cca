import type { AccountResolvers } from '../generated/types.ts'
import { accountId, accountKeyOf } from './ids.ts'
import { named } from './entityByKey.ts'

export const Account: AccountResolvers = {
  __resolveReference: (reference, { loaders, checkAccount }, info) => {
    const sid = accountKeyOf(reference)
    checkAccount(sid)
    return named('Account', { sid }, info, () => loaders.account.load(sid))
  },
  id: ({ sid }) => accountId(sid),
  conferences: ({ sid }, args, { loaders }) => loaders.conferences.connection(sid, args),
}
