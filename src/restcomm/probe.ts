import { RestcommError } from './errors.ts'
import type { Http } from './http.ts'

export interface ProbeOptions {
  /** How long an answer holds, for however many ask. Milliseconds. */
  readonly freshMs: number
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
export const createProbe = (http: Http, { freshMs }: ProbeOptions): Probe => {
  let answer: Promise<boolean> | null = null
  let endedAt: number | null = null
  return {
    isReachable: () => {
      const isStale = endedAt !== null && performance.now() - endedAt >= freshMs
      if (answer === null || isStale) {
        endedAt = null
        answer = ask(http).finally(() => {
          endedAt = performance.now()
        })
      }
      return answer
    },
    close: () => http.close(),
  }
}

const ask = async (http: Http): Promise<boolean> => {
  try {
    return (await http.send({ method: 'GET', path: 'Accounts', authorization: null })).status < 500
  } catch (error) {
    // What answers with more than is read of it, answers.
    return error instanceof RestcommError && error.failure === 'malformed'
  }
}
