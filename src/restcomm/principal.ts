import type { Trace } from '../tracer.ts'
import type { Cancellation } from './cancellation.ts'
import { RestcommError } from './errors.ts'

/** Whose request it is: what is sent upstream with each of its requests, and nowhere else. */
export interface Caller {
  /** The value of the `Authorization` header; null when the request has no credentials. */
  readonly authorization: string | null
  /** Why there are none, for whoever asks. */
  readonly refusal?: Error | undefined
  /** Whether they are the gateway's own, and stand in for those that the client does not have. */
  readonly isStandIn: boolean
  /** The SID or e-mail address of the caller's own account; null without credentials. */
  readonly account: string | null
  /**
   * Names these credentials and what they may see, and is not them: a hash. Whatever is kept or shared between requests
   * is found by it, and so never by another's.
   */
  readonly credential: string
  /** The accounts that may be asked for; null where that is Restcomm's decision alone. */
  readonly accounts: ReadonlySet<string> | null
  readonly trace: Trace
  readonly requestId?: string | undefined
  /** Cancelled when nobody waits for what is read any more. */
  readonly cancellation?: Cancellation | undefined
}

export const noCredentials = ({ refusal }: Pick<Caller, 'refusal'>): Error =>
  refusal ?? new RestcommError('unauthenticated', 'The request has no credentials that count.')
