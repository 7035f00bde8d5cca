import { forbiddenPathError } from './accountPermission.ts'
import type { CancellationToken } from './cancellationToken.ts'
import { type FailureKind, RestcommError } from './errors.ts'
import type { ResilientHttp } from './http/resilientHttp.ts'
import type { SingleFlight } from './http/singleFlight.ts'
import type { Resource } from './http/upstreamObserver.ts'
import { missingCredentials, type Principal } from './principal.ts'

/** Restcomm's REST API with the credentials and permissions of a principal. Paths are relative to `/2012-04-24/`. */
export interface AuthorizedHttp {
  /**
   * Returns the parsed JSON of a response with status 200. Throws a `RestcommError` for any other status.
   * Callers must not modify the result, because concurrent callers may receive the identical object.
   */
  get(resource: Resource, path: string, query?: URLSearchParams): Promise<unknown>
  /**
   * Sends a form once, without retries. Returns nothing, because Restcomm's response shows the state before the change.
   * Throws a `RestcommError` for any status except 200. If the error has no status, the outcome is unknown.
   *
   * Cancellation removes a request that is still in the queue. A request that was already sent continues, and the
   * promise settles with the response.
   */
  post(resource: Resource, path: string, form: URLSearchParams): Promise<void>
  /** Takes a retry from the budget for lists with a different request's envelope; false if the budget is empty. */
  tryConsumeEnvelopeRetry(resource: Resource): boolean
}

/** `isOwnAccount` tells whether an account name denotes the principal's own account. */
export function createAuthorizedHttp(
  http: ResilientHttp,
  singleFlight: SingleFlight<unknown>,
  principal: Principal,
  isOwnAccount: (name: string) => boolean,
): AuthorizedHttp {
  const { authorization, requestId, cancellation: clientCancellation, operation, credentialHash } = principal

  function isKnownAccount(path: string): boolean {
    const name = decodeURIComponent(path.split('/', 2)[1] ?? '')
    // Own and allowed accounts exist, so a 500 is a failure. For further accounts, a 500 can mean an unknown account.
    return isOwnAccount(name) || principal.accounts?.has(name) === true
  }

  let authFailureCount = 0
  let lastAuthFailure: RestcommError | null = null

  function read(resource: Resource, path: string, cancellation: CancellationToken): Promise<unknown> {
    const countBefore = authFailureCount
    return http
      .send({
        method: 'GET',
        path,
        authorization,
        requestId,
        cancellation,
        resource,
        operation,
        credentialHash,
        isKnownAccount: isKnownAccount(path),
        // Requests queued at the time of a 401 fail unsent, because Restcomm would reject the same credentials again.
        skipReason: () => (authFailureCount === countBefore ? null : lastAuthFailure),
      })
      .then(({ status, body }) => {
        if (status === 200) return parseJson(resource, body)
        const error = errorOfStatus(principal, resource, status)
        if (status === 401) {
          authFailureCount++
          lastAuthFailure = error
        }
        throw error
      })
  }

  return {
    get: (resource, path, query) => {
      if (authorization === null) return Promise.reject(missingCredentials(principal))
      const forbidden = forbiddenPathError(principal.accounts, path)
      if (forbidden !== null) return Promise.reject(forbidden)
      const search = query?.toString() ?? ''
      const target = search === '' ? path : `${path}?${search}`
      return singleFlight.run(
        `${credentialHash} ${target}`,
        clientCancellation,
        cancellation => read(resource, target, cancellation),
        () => http.deduplicated(resource),
      )
    },
    post: async (resource, path, form) => {
      if (authorization === null) throw missingCredentials(principal)
      const forbidden = forbiddenPathError(principal.accounts, path)
      if (forbidden !== null) throw forbidden
      if (clientCancellation?.isCancelled) throw clientCancellation.reason
      const { status } = await http.send({
        method: 'POST',
        path,
        form,
        authorization,
        requestId,
        cancellation: clientCancellation,
        resource,
        operation,
        credentialHash,
        isKnownAccount: false,
      })
      if (status !== 200) throw errorOfStatus(principal, resource, status)
    },
    tryConsumeEnvelopeRetry: resource => http.tryConsumeEnvelopeRetry(resource),
  }
}

function parseJson(resource: Resource, body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new RestcommError('malformed', `Restcomm returned a malformed ${resource} response: expected JSON.`)
  }
}

/** Ignores the body, because Restcomm's error bodies are empty or an HTML page of the web server. */
function errorOfStatus({ isServiceAccount }: Principal, resource: Resource, status: number): RestcommError {
  const [failure, message] = describeStatus(isServiceAccount, resource, status)
  return new RestcommError(failure, message, { status })
}

const CREDENTIALS_REJECTED =
  'Restcomm rejected the credentials of the request: expected the SID or e-mail address of an account, and its token.'
const SERVICE_CREDENTIALS_REJECTED =
  "Restcomm rejected the gateway's own credentials: check RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN."

function describeStatus(isServiceAccount: boolean, resource: Resource, status: number): [FailureKind, string] {
  if (status === 401) {
    return isServiceAccount
      ? ['serviceCredentialsRejected', SERVICE_CREDENTIALS_REJECTED]
      : ['unauthenticated', CREDENTIALS_REJECTED]
  }
  if (status === 403)
    return ['forbidden', `Restcomm does not allow these credentials to access the requested ${resource}.`]
  if (status === 404) return ['notFound', `Restcomm did not find the requested ${resource}.`]
  if (status === 400)
    return ['rejected', `Restcomm rejected the ${resource} request as invalid (status 400): check the arguments.`]
  return [
    'unavailable',
    `Restcomm answered the ${resource} request with status ${status}: expected 200; try again later.`,
  ]
}

/** Returns null if `lookup` fails with `notFound`. */
export async function nullIfNotFound<T>(lookup: Promise<T>): Promise<T | null> {
  try {
    return await lookup
  } catch (error) {
    if (error instanceof RestcommError && error.failure === 'notFound') return null
    throw error
  }
}
