import type { ConferenceKey, Participant } from '../model.ts'
import type { Aftermath } from './readAfterWrite.ts'
import { AT_ONCE, eachBounded } from './mapConcurrent.ts'
import { callEnded, participantNotFound, type Refusal, refused } from './userErrors.ts'

const NOT_DONE = 'This was not done: Restcomm did not take it.'
const UNSURE = 'Restcomm failed to do this; it may or may not have happened.'

/**
 * Sends changes to Restcomm, each once, and tells what of its refusals a person understands. It answers 500 for calls that
 * have just ended, and for failures of its own: who is in the conference tells them apart.
 */
export class Changes {
  readonly #aftermath: Aftermath

  constructor(aftermath: Aftermath) {
    this.#aftermath = aftermath
  }

  /** To one; null when Restcomm took it. What no person understands is thrown. */
  async one(target: Participant, send: () => Promise<void>): Promise<Refusal | null> {
    const error = await rejectionOf(send)
    this.#aftermath.begin(target.conference)
    if (error === null) return null
    const refusal = refusalOf(error, target) ?? (statusOf(error) === 500 ? await this.#hasEnded(target) : null)
    if (refusal === null) throw error
    return refusal
  }

  /** To each. What fails for one does not undo the others, and so is reported and not thrown. */
  async each(key: ConferenceKey, targets: readonly Participant[], send: (target: Participant) => Promise<void>) {
    const errors = await eachBounded(targets, AT_ONCE, target => rejectionOf(() => send(target)))
    this.#aftermath.begin(key)
    const unsure = errors.some(error => statusOf(error) === 500)
    const present = unsure ? await this.#aftermath.presentAtOnce(key) : null
    const refusals: Refusal[] = []
    const done: Participant[] = []
    for (const [i, target] of targets.entries()) {
      const error = errors[i] ?? null
      if (error === null) done.push(target)
      else if (statusOf(error) === 500 && present?.has(target.callSid) === false) refusals.push(callEnded(target))
      else refusals.push(refusalOf(error, target) ?? refused(target, wasNotDone(error) ? NOT_DONE : UNSURE))
    }
    return { done, refusals }
  }

  async #hasEnded(target: Participant): Promise<Refusal | null> {
    const present = await this.#aftermath.presentAtOnce(target.conference)
    return present?.has(target.callSid) === false ? callEnded(target) : null
  }
}

/** The error that sending ended in; null where there was none. */
const rejectionOf = async (send: () => Promise<void>): Promise<Error | null> => {
  try {
    await send()
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Too much was waiting, there are no credentials that count, or the credentials were refused. */
const NOT_TAKEN: ReadonlySet<unknown> = new Set(['overloaded', 'unauthenticated', 'standInRefused'])

/** Whether it was not sent, or refused for who asks. What Restcomm is spared while it fails says when to try again. */
const wasNotDone = (error: Error): boolean =>
  ('failure' in error && NOT_TAKEN.has(error.failure)) || ('retryAfter' in error && error.retryAfter !== null)

const isForbidden = (error: Error): boolean => 'failure' in error && error.failure === 'forbidden'

const statusOf = (error: unknown): unknown => (error instanceof Error && 'status' in error ? error.status : null)

/** What Restcomm's status says that a person understands; null where it says nothing of the kind. */
const refusalOf = (error: Error, target: Participant): Refusal | null => {
  const status = statusOf(error)
  if (status === 404 || status === 406) return participantNotFound(target)
  if (status === 410) return callEnded(target)
  if (isForbidden(error)) return refused(target, 'These credentials may not do this to this participant.')
  if (status === 400) return refused(target, 'Restcomm refused to do this for this participant.')
  return null
}
