import { RestcommError } from '../errors.ts'
import { HttpClient, type HttpClientOptions } from './httpClient.ts'

const TIMEOUT_MS = 2_000
/** Duration for which a result is reused. */
const RESULT_TTL_MS = 2_000

/**
 * Sends requests without credentials. Every status below 500, normally 401, means that Restcomm is reachable. Uses
 * a separate connection, because the shared connection pool can be busy while Restcomm is reachable.
 */
export class HealthProbe {
  readonly #http: HttpClient
  readonly #onChange: (error: Error | null) => void
  #result: Promise<boolean> | null = null
  #endedAt: number | null = null
  #wasReachable = true

  /** Calls `onChange` when the result changes, with null if Restcomm is reachable again, otherwise with the reason. */
  constructor(options: Pick<HttpClientOptions, 'url' | 'maxBodyBytes'>, onChange: (error: Error | null) => void) {
    const limits = { connections: 1, timeoutMs: TIMEOUT_MS, countAsTimeoutAfterMs: TIMEOUT_MS }
    this.#http = new HttpClient({ ...options, ...limits })
    this.#onChange = onChange
  }

  /** Never rejects. */
  isReachable(): Promise<boolean> {
    const isStale = this.#endedAt !== null && performance.now() - this.#endedAt >= RESULT_TTL_MS
    if (this.#result === null || isStale) {
      this.#endedAt = null
      this.#result = this.#probe()
    }
    return this.#result
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  async #probe(): Promise<boolean> {
    const error = await this.#findError()
    this.#endedAt = performance.now()
    const isReachable = error === null
    if (isReachable !== this.#wasReachable) this.#onChange(error)
    this.#wasReachable = isReachable
    return isReachable
  }

  async #findError(): Promise<RestcommError | null> {
    try {
      const { status } = await this.#http.send({ method: 'GET', path: 'Accounts', authorization: null })
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
