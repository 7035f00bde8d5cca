import { ACCOUNT_STATUSES, type Account } from '../../model.ts'
import type { Access } from '../access.ts'
import { oneOf, optionalDateTime, optionalText, sid, wireObject } from '../decode.ts'

const decodeAccount = (value: unknown): Account => {
  const wire = wireObject('account', value)
  const status = optionalText(wire, 'status')
  return {
    sid: sid(wire, 'sid', 'account'),
    friendlyName: optionalText(wire, 'friendly_name'),
    status: status === null ? null : oneOf(status, ACCOUNT_STATUSES),
    type: optionalText(wire, 'type'),
    dateCreated: optionalDateTime(wire, 'date_created'),
    dateUpdated: optionalDateTime(wire, 'date_updated'),
    uri: optionalText(wire, 'uri'),
  }
}

/** `name` is a SID, or the e-mail address that the account is logged in with. */
export const readAccount = async (access: Access, name: string): Promise<Account> =>
  decodeAccount(await access.get('account', `Accounts/${encodeURIComponent(name)}`))
