import { RestcommError } from '../errors.ts'
import { HttpClient, type HttpClientOptions } from './httpClient.ts'

const TIMEOUT_MS = 2_000
/** A result is reused for this time, counted from the start of the probe. */
const RESULT_TTL_MS = 500

/**
 * Sends requests without credentials. Every status below 500, normally 401, means that Restcomm is reachable. Uses
 * separate connections, because the shared connection pool can be busy while Restcomm is reachable. Probes overlap, so
 * that a hanging probe does not delay the notice of a recovery.
 */
export class HealthProbe {
  readonly #http: HttpClient
  readonly #onChange: (error: Error | null) => void
  #result: Promise<RestcommError | null> = Promise.resolve(null)
  #startedAt = Number.NEGATIVE_INFINITY
  /** Start of the probe with the last known result. */
  #knownSince = Number.NEGATIVE_INFINITY
  #wasReachable = true

  /** Calls `onChange` when the result changes, with null if Restcomm is reachable again, otherwise with the reason. */
  constructor(options: Pick<HttpClientOptions, 'url' | 'maxBodyBytes'>, onChange: (error: Error | null) => void) {
    this.#http = new HttpClient({ ...options, connections: TIMEOUT_MS / RESULT_TTL_MS })
    this.#onChange = onChange
  }

  /** Returns null if Restcomm is reachable. Never rejects. */
  check(): Promise<RestcommError | null> {
    const now = performance.now()
    if (now - this.#startedAt >= RESULT_TTL_MS) {
      this.#startedAt = now
      this.#result = this.#probe(now)
    }
    return this.#result
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  async #probe(startedAt: number): Promise<RestcommError | null> {
    const error = await this.#findError()
    // A later probe may have ended first.
    if (startedAt < this.#knownSince) return error
    this.#knownSince = startedAt
    const isReachable = error === null
    if (isReachable !== this.#wasReachable) this.#onChange(error)
    this.#wasReachable = isReachable
    return error
  }

  async #findError(): Promise<RestcommError | null> {
    try {
      const { status } = await this.#http.send({ method: 'GET', path: 'Accounts', authorization: null }, TIMEOUT_MS)
      if (status < 500) return null
      const message = `Restcomm answered the health check with status ${status}: expected a status below 500.`
      return new RestcommError('unavailable', message, { status })
    } catch (error) {
      if (!(error instanceof RestcommError)) {
        const message = 'The health check of Restcomm could not be sent: check RESTCOMM_URL.'
        return new RestcommError('unavailable', message, { cause: error })
      }
      // Here `malformed` means a response above the size limit, so Restcomm is reachable.
      return error.failure === 'malformed' ? null : error
    }
  }
}
