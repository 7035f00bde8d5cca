import { RestcommError } from '../errors.ts'
import type { HttpClient } from './httpClient.ts'

export interface HealthProbeOptions {
  /** Duration for which a result is reused. */
  readonly resultTtlMs: number
  /** Called when the result changes. `error` is null if Restcomm is reachable again, otherwise the reason. */
  readonly onChange: (error: RestcommError | null) => void
}

export interface HealthProbe {
  /** Never rejects. */
  isReachable(): Promise<boolean>
  close(): Promise<void>
}

/** Sends requests without credentials. Every status below 500, normally 401, means that Restcomm is reachable. */
export function createHealthProbe(http: HttpClient, { resultTtlMs, onChange }: HealthProbeOptions): HealthProbe {
  let result: Promise<boolean> | null = null
  let endedAt: number | null = null
  let wasReachable = true

  async function probe(): Promise<boolean> {
    const error = await check(http)
    const isReachable = error === null
    if (isReachable !== wasReachable) onChange(error)
    wasReachable = isReachable
    return isReachable
  }

  return {
    isReachable: () => {
      const isStale = endedAt !== null && performance.now() - endedAt >= resultTtlMs
      if (result === null || isStale) {
        endedAt = null
        result = probe().finally(() => {
          endedAt = performance.now()
        })
      }
      return result
    },
    close: () => http.close(),
  }
}

async function check(http: HttpClient): Promise<RestcommError | null> {
  try {
    const { status } = await http.send({ method: 'GET', path: 'Accounts', authorization: null })
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
