import type { CancellationToken } from './cancellationToken.ts'
import { credentialsRejected, type FailureKind, RestcommError } from './errors.ts'
import type { Resource } from './http/requestSpan.ts'
import { type Principal, permissionError } from './principal.ts'
import type { UpstreamState } from './upstreamState.ts'

/** The part of `AuthorizedHttp` that reads lists. */
export type ListHttp = Pick<AuthorizedHttp, 'upstream' | 'get' | 'tryConsumeEnvelopeRetry'>

/** Restcomm's REST API with the credentials and permissions of a principal. Paths are relative to `/2012-04-24/`. */
export class AuthorizedHttp {
  readonly upstream: UpstreamState
  readonly principal: Principal
  readonly #sharesReads: boolean

  /** `sharesReads` must be false for polls, because a poll must not join a request sent before the poll. */
  constructor(upstream: UpstreamState, principal: Principal, sharesReads = true) {
    this.upstream = upstream
    this.principal = principal
    this.#sharesReads = sharesReads
  }

  /**
   * Returns whether `name` denotes the account of the credentials. If the credentials contain an e-mail address, the
   * account's SID matches only after the SID was added to `upstream.ownSids`.
   */
  isOwnAccount(name: string): boolean {
    return name === this.principal.account || name === this.upstream.ownSids.get(this.principal.credentialHash)
  }

  /**
   * Returns the parsed JSON of a response with status 200. Throws a `RestcommError` for any other status.
   * Callers must not modify the result, because concurrent callers may receive the identical object.
   */
  get(resource: Resource, path: string, query?: URLSearchParams): Promise<unknown> {
    const error = permissionError(this.principal, path)
    if (error !== null) return Promise.reject(error)
    const search = query?.toString() ?? ''
    return this.getUnchecked(resource, search === '' ? path : `${path}?${search}`)
  }

  /** Like `get`, without a check of `principal.accounts`. Must be called for the account of the credentials only. */
  getUnchecked(resource: Resource, path: string): Promise<unknown> {
    const { credentialHash, cancellation } = this.principal
    if (!this.#sharesReads) return this.#read(resource, path, cancellation)
    return this.upstream.singleFlight.run(
      `${credentialHash} ${path}`,
      cancellation,
      shared => this.#read(resource, path, shared),
      () => this.upstream.http.observer.deduplicated(resource),
    )
  }

  /**
   * Sends a form once, without retries. Returns nothing, because Restcomm's response shows the state before the change.
   * Throws a `RestcommError` for any status except 200. If the error has no status, the outcome is unknown.
   *
   * Cancellation removes a request that is still in the queue. A request that was already sent continues, and the
   * promise settles with the response.
   */
  async post(resource: Resource, path: string, form: URLSearchParams): Promise<void> {
    const error = permissionError(this.principal, path)
    if (error !== null) throw error
    const { cancellation } = this.principal
    if (cancellation?.isCancelled) throw cancellation.reason
    const isAccepted = this.upstream.acceptedCredentials.has(this.principal)
    const request = { method: 'POST', resource, path, form, isKnownAccount: false, isAccepted } as const
    const { status, retryAfterSeconds } = await this.upstream.http.send({ ...this.principal, ...request })
    if (status !== 200) throw errorOfStatus(this.principal, resource, status, retryAfterSeconds)
  }

  /** Takes a retry from the budget for lists with a different request's envelope; false if the budget is empty. */
  tryConsumeEnvelopeRetry(resource: Resource): boolean {
    return this.upstream.http.tryConsumeEnvelopeRetry(resource)
  }

  async #read(resource: Resource, path: string, cancellation: CancellationToken | undefined): Promise<unknown> {
    // A spread of the principal would be copied property by property, for each of thousands of queued requests.
    const { authorization, credentialHash, clientId, operation, requestId, accounts } = this.principal
    const account = decodeURIComponent(path.split('/', 2)[1] ?? '')
    const { status, body, retryAfterSeconds } = await this.upstream.http.send({
      method: 'GET',
      resource,
      path,
      authorization,
      credentialHash,
      clientId,
      isAccepted: this.upstream.acceptedCredentials.has(this.principal),
      operation,
      requestId,
      cancellation,
      // Own and allowed accounts exist, so a 500 is a failure. For further accounts, a 500 can mean an unknown account.
      isKnownAccount: this.isOwnAccount(account) || accounts?.has(account) === true,
    })
    this.upstream.acceptedCredentials.recordStatus(this.principal, status)
    if (status === 200) {
      try {
        return JSON.parse(body)
      } catch {
        throw new RestcommError('malformed', `Restcomm returned a malformed ${resource} response: expected JSON.`)
      }
    }
    throw errorOfStatus(this.principal, resource, status, retryAfterSeconds)
  }
}

const SERVICE_CREDENTIALS_REJECTED =
  "Restcomm rejected the gateway's own credentials: check RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN."

/** Ignores the body, because Restcomm's error bodies are empty or an HTML page of the web server. */
function errorOfStatus(
  { isServiceAccount }: Principal,
  resource: Resource,
  status: number,
  retryAfterSeconds: number | null,
): RestcommError {
  const error = (failure: FailureKind, message: string) =>
    new RestcommError(failure, message, { status, ...(retryAfterSeconds !== null && { retryAfterSeconds }) })
  if (status === 401 && isServiceAccount) return error('serviceCredentialsRejected', SERVICE_CREDENTIALS_REJECTED)
  if (status === 401) return credentialsRejected()
  if (status === 403)
    return error('forbidden', `Restcomm does not allow these credentials to access the requested ${resource}.`)
  if (status === 404) return error('notFound', `Restcomm did not find the requested ${resource}.`)
  if (status === 400)
    return error('rejected', `Restcomm rejected the ${resource} request as invalid (status 400): check the arguments.`)
  const when = retryAfterSeconds === null ? 'later' : `in ${retryAfterSeconds} s`
  const message = `Restcomm answered the ${resource} request with status ${status}: expected 200; try again ${when}.`
  return error('unavailable', message)
}
