import { ACCOUNT_STATUSES, type Account } from '../../model.ts'
import type { AuthorizedHttp } from '../authorizedHttp.ts'
import { asObject, enumValue, optionalDateTime, optionalString, sid } from '../decode.ts'

function decodeAccount(value: unknown): Account {
  const json = asObject('account', value)
  const status = optionalString(json, 'status')
  return {
    sid: sid(json, 'sid', 'account'),
    friendlyName: optionalString(json, 'friendly_name'),
    status: status === null ? null : enumValue(status, ACCOUNT_STATUSES),
    type: optionalString(json, 'type'),
    dateCreated: optionalDateTime(json, 'date_created'),
    dateUpdated: optionalDateTime(json, 'date_updated'),
    uri: optionalString(json, 'uri'),
  }
}

/** `name` is the SID or the e-mail address of the account. */
export async function readAccount(http: AuthorizedHttp, name: string): Promise<Account> {
  return decodeAccount(await http.get('account', `Accounts/${encodeURIComponent(name)}`))
}
