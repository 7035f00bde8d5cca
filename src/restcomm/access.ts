import { type Cancellation, unlessCancelled } from './cancellation.ts'
import { type Failure, RestcommError } from './errors.ts'
import type { Flights } from './http/singleFlight.ts'
import type { Resource } from './http/observer.ts'
import { mayNotSee, maySee } from './permission.ts'
import type { ResilientHttp } from './http/resilientHttp.ts'
import { type Caller, noCredentials } from './principal.ts'

/** Restcomm as one caller reaches it. */
export interface Access {
  /**
   * The JSON of a 200; any other answer is a `RestcommError`. Equal requests under way at the same time are one, so what
   * comes back is shared: to be read only.
   */
  get(resource: Resource, path: string, query?: URLSearchParams): Promise<unknown>
  /**
   * Sends a form, once and never again. What comes back of a change shows the state from before it, so nothing is
   * returned; a status other than 200 is a `RestcommError`. After one without a status it may or may not have happened:
   * when the caller's time is up it is given up where it still waits for its turn, and goes on by itself where it was sent:
   * `onLate` is told when that is over.
   */
  post(resource: Resource, path: string, form: URLSearchParams, onLate: () => void): Promise<void>
  /** Whether a list may be asked for again whose envelope was another's. */
  mayRepeat(resource: Resource): boolean
}

/**
 * Paths below `Accounts/` begin with the name of an account, and `isOwnAccount` says which are the caller's own.
 * `onChanged` is told when a change was answered, be it that nobody waits for it any more: what is under way in `flights`
 * counts no more then.
 */
export const accessFor = (
  http: ResilientHttp,
  flights: Flights<unknown>,
  caller: Caller,
  isOwnAccount: (name: string) => boolean,
  onChanged: () => void = () => undefined,
): Access => {
  const { authorization, requestId, cancellation: patience, trace, credential } = caller
  const isOwn = (path: string): boolean => {
    const name = decodeURIComponent(path.split('/', 2)[1] ?? '')
    // Those that are listed for a caller are known to be there, as its own is.
    return isOwnAccount(name) || caller.accounts?.has(name) === true
  }

  /** How often Restcomm has refused the credentials, and how it did last. */
  let refusals = 0
  let refusal: RestcommError | null = null

  const read = (resource: Resource, path: string, cancellation: Cancellation): Promise<unknown> => {
    const before = refusals
    return http
      .send({
        method: 'GET',
        path,
        authorization,
        requestId,
        cancellation,
        resource,
        trace,
        credential,
        isOwn: isOwn(path),
        // Of hundreds that wait in line, each would be refused as well.
        refusal: () => (refusals === before ? null : refusal),
      })
      .then(({ status, body }) => {
        if (status === 200) return parsed(resource, body)
        const error = errorOfStatus(caller, resource, status)
        if (status === 401) {
          refusals++
          refusal = error
        }
        throw error
      })
  }

  return {
    get: (resource, path, query) => {
      if (authorization === null) return Promise.reject(noCredentials(caller))
      if (!maySee(caller.accounts, path)) return Promise.reject(mayNotSee())
      const search = query?.toString() ?? ''
      const target = search === '' ? path : `${path}?${search}`
      return flights.join(
        `${credential} ${target}`,
        patience,
        cancellation => read(resource, target, cancellation),
        () => http.joined(resource),
      )
    },
    post: async (resource, path, form, onLate) => {
      if (authorization === null) throw noCredentials(caller)
      if (!maySee(caller.accounts, path)) throw mayNotSee()
      if (patience?.isCancelled) throw patience.reason
      const request = { method: 'POST', path, form, authorization, requestId, cancellation: patience } as const
      let isOver = false
      const sent = http.send({ ...request, resource, trace, credential, isOwn: false }).finally(() => {
        isOver = true
        onChanged()
      })
      const { status } = await unlessCancelled(sent, patience).catch(error => {
        if (!isOver) sent.then(onLate, onLate)
        throw error
      })
      if (status !== 200) throw errorOfStatus(caller, resource, status)
    },
    mayRepeat: resource => http.mayRepeat(resource),
  }
}

const parsed = (resource: Resource, body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    throw new RestcommError('malformed', `Restcomm sent a ${resource} that is not JSON.`)
  }
}

/** Error bodies are empty, or a page of the web server's: the status is all there is to read. */
const errorOfStatus = ({ isStandIn }: Caller, noun: string, status: number): RestcommError => {
  const [failure, message] = isStandIn && status === 401 ? STAND_IN_REFUSED : describe(noun, status)
  return new RestcommError(failure, message, { status })
}

const STAND_IN_REFUSED: [Failure, string] = [
  'standInRefused',
  'Restcomm does not accept the credentials of the gateway itself.',
]

const describe = (noun: string, status: number): [Failure, string] => {
  if (status === 401) return ['unauthenticated', 'Restcomm does not accept these credentials.']
  if (status === 403) return ['forbidden', `These credentials may not read the ${noun} asked for.`]
  if (status === 404) return ['notFound', `Restcomm does not have the ${noun} asked for.`]
  if (status === 400) return ['rejected', `Restcomm refused the request for ${noun}.`]
  return ['unavailable', `Restcomm failed to answer for ${noun} (${status}).`]
}

/** A look-up's answer, or null where there is none of that identifier. */
export const orNull = async <T>(answer: Promise<T>): Promise<T | null> => {
  try {
    return await answer
  } catch (error) {
    if (error instanceof RestcommError && error.failure === 'notFound') return null
    throw error
  }
}
