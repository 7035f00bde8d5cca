import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { SID_FORMS } from '../../model.ts'

/** How many e-mail log-ins are remembered. */
const CAPACITY = 1_000
/** An account keeps its SID for good, but its e-mail address may pass to another. Milliseconds. */
const LIFETIME_MS = 300_000

/** Whether the name of an account is its SID, and not an e-mail address. */
export const isAccountSid = (name: string): boolean => SID_FORMS.account.test(name)

/**
 * The SIDs of accounts that log in by e-mail. Each is remembered under a hash of the credentials that it was looked up
 * with, and so never found by others.
 */
export class AccountSids {
  readonly #sids = new LRUCache<string, string>({ max: CAPACITY, ttl: LIFETIME_MS })

  async of(authorization: string, lookUp: () => Promise<string>): Promise<string> {
    const known = this.known(authorization)
    if (known !== null) return known
    const sid = await lookUp()
    this.#sids.set(keyOf(authorization), sid)
    return sid
  }

  /** Null where it was not looked up yet. */
  known(authorization: string): string | null {
    return this.#sids.get(keyOf(authorization)) ?? null
  }
}

const keyOf = (authorization: string): string => hash('sha256', authorization, 'base64')
