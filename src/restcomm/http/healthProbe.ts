import { RestcommError } from '../errors.ts'
import type { Http } from './pool.ts'

export interface ProbeOptions {
  /** How long an answer holds, for however many ask. Milliseconds. */
  readonly freshMs: number
  /** Told when that changes: null where Restcomm can be reached again, and why not otherwise. */
  readonly onTurn: (error: RestcommError | null) => void
}

export interface Probe {
  /** Whether Restcomm can be reached. Never rejects. */
  isReachable(): Promise<boolean>
  close(): Promise<void>
}

/**
 * Asks Restcomm for something, without credentials: it answers 401, and that it answers is all that counts. So does
 * every other status below 500. However many ask, there is one request at a time, and its answer holds for a while.
 */
export const createProbe = (http: Http, { freshMs, onTurn }: ProbeOptions): Probe => {
  let answer: Promise<boolean> | null = null
  let endedAt: number | null = null
  let wasReachable = true
  const look = async (): Promise<boolean> => {
    const error = await whyUnreachable(http)
    const isReachable = error === null
    if (isReachable !== wasReachable) onTurn(error)
    wasReachable = isReachable
    return isReachable
  }
  return {
    isReachable: () => {
      const isStale = endedAt !== null && performance.now() - endedAt >= freshMs
      if (answer === null || isStale) {
        endedAt = null
        answer = look().finally(() => {
          endedAt = performance.now()
        })
      }
      return answer
    },
    close: () => http.close(),
  }
}

/** Null where it answers. */
const whyUnreachable = async (http: Http): Promise<RestcommError | null> => {
  try {
    const { status } = await http.send({ method: 'GET', path: 'Accounts', authorization: null })
    return status < 500 ? null : new RestcommError('unavailable', `Restcomm answers ${status}.`, { status })
  } catch (error) {
    if (!(error instanceof RestcommError)) {
      return new RestcommError('unavailable', 'Restcomm cannot be asked.', { cause: error })
    }
    // What answers with more than is read of it, answers.
    return error.failure === 'malformed' ? null : error
  }
}
