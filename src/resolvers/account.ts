import type { AccountResolvers } from '../generated/types.ts'
import { accountId, parseAccountSid } from './ids.ts'
import { readUnlessKeyOnly } from './readUnlessKeyOnly.ts'

export const Account: AccountResolvers = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const sid = parseAccountSid(reference)
    assertAccountAllowed(sid)
    return readUnlessKeyOnly('Account', { sid }, info, () => loaders.account.load(sid))
  },
  id: ({ sid }) => accountId(sid),
  conferences: ({ sid }, args, { loaders }) => loaders.conferences.connection(sid, args),
}
