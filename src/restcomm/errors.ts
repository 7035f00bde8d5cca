/** Why Restcomm did not give what was asked: the closed set that the error table is complete over. */
export const FAILURES = [
  /** No credentials, or refused ones. */
  'unauthenticated',
  /** The gateway's own credentials are refused, and whoever asks can do nothing about it. */
  'standInRefused',
  /** The account is not active, or may not see this. */
  'forbidden',
  /** There is no such thing. */
  'notFound',
  /** Restcomm calls the request itself wrong. */
  'rejected',
  /** No complete answer within the deadline. */
  'timedOut',
  /** No connection, or a failure of the server's own. */
  'unavailable',
  /** Not sent: as much as may be is under way and waiting already. */
  'overloaded',
  /** The time of the whole request was up before. */
  'outOfTime',
  /** Nobody waits for it any more. */
  'cancelled',
  /** An answer that is not what the API answers. */
  'malformed',
  /** Rows that the filter should have kept out. */
  'filterIgnored',
] as const

export type Failure = (typeof FAILURES)[number]

/**
 * Restcomm did not give what was asked. Branch on `failure`. `message` names what was asked for and what is wrong with
 * the answer; it never holds a credential, an address or a part of the answer's body.
 */
export class RestcommError extends Error {
  override readonly name = 'RestcommError'
  readonly failure: Failure
  /** The HTTP status that was answered, if only the beginning of an answer came; null where none was. */
  readonly status: number | null
  /** When it is worth trying again, where that is known. Seconds. */
  readonly retryAfter: number | null

  constructor(
    failure: Failure,
    message: string,
    options?: ErrorOptions & { readonly status?: number; readonly retryAfter?: number },
  ) {
    super(message, options)
    this.failure = failure
    this.status = options?.status ?? null
    this.retryAfter = options?.retryAfter ?? null
  }
}

export const malformed = (what: string, field: string, expected: string): RestcommError =>
  new RestcommError('malformed', `Restcomm sent a ${what} whose ${field} is not ${expected}.`)

/** Restcomm answers every look-up of a list, if only with an empty one, and has the account that logs in. */
export const notRestcomm = (): RestcommError =>
  new RestcommError('unavailable', 'What answers is not a Restcomm; the gateway may have been given another address.')
