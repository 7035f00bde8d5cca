import type { ConferenceKey, Participant } from '../model.ts'
import type { FailureKind } from '../restcomm/errors.ts'
import { COMMAND_CONCURRENCY, mapConcurrent } from './mapConcurrent.ts'
import type { ReadAfterWrite } from './readAfterWrite.ts'
import { callEnded, participantNotFound, rejected, type UserError } from './userErrors.ts'

const NO_EFFECT =
  'The command was not executed: Restcomm is overloaded or unavailable (try again later), or rejected the credentials.'
const UNKNOWN_OUTCOME = 'Restcomm failed: the command may or may not have been executed. Read the current state.'

/**
 * Sends each command once and translates Restcomm's rejections into user errors. Status 500 can mean an ended call or
 * an internal error. If the call has ended, the call is missing from the participant list.
 */
export class CommandSender {
  readonly #readAfterWrite: ReadAfterWrite

  constructor(readAfterWrite: ReadAfterWrite) {
    this.#readAfterWrite = readAfterWrite
  }

  /** Returns null on success. If no user error corresponds to the error of the command, throws the error. */
  async sendOne(target: Participant, send: () => Promise<void>): Promise<UserError | null> {
    const error = await captureError(send)
    this.#readAfterWrite.markChanged(target.conference)
    if (error === null) return null
    const userError =
      toUserError(error, target) ?? (upstreamStatus(error) === 500 ? await this.#callEnded(target) : null)
    if (userError === null) throw error
    return userError
  }

  /** Never throws the error of a command, because the result must list the executed commands. */
  async sendAll(key: ConferenceKey, targets: readonly Participant[], send: (target: Participant) => Promise<void>) {
    const errors = await mapConcurrent(targets, COMMAND_CONCURRENCY, target => captureError(() => send(target)))
    this.#readAfterWrite.markChanged(key)
    const isAmbiguous = errors.some(error => upstreamStatus(error) === 500)
    const participants = isAmbiguous ? await this.#readAfterWrite.participantsNow(key) : null
    const userErrors: UserError[] = []
    const succeeded: Participant[] = []
    for (const [i, target] of targets.entries()) {
      const error = errors[i] ?? null
      if (error === null) succeeded.push(target)
      else if (upstreamStatus(error) === 500 && participants?.has(target.callSid) === false) {
        userErrors.push(callEnded(target))
      } else {
        userErrors.push(
          toUserError(error, target) ?? rejected(target, hadNoEffect(error) ? NO_EFFECT : UNKNOWN_OUTCOME),
        )
      }
    }
    return { succeeded, userErrors }
  }

  async #callEnded(target: Participant): Promise<UserError | null> {
    const participants = await this.#readAfterWrite.participantsNow(target.conference)
    return participants?.has(target.callSid) === false ? callEnded(target) : null
  }
}

async function captureError(send: () => Promise<void>): Promise<Error | null> {
  try {
    await send()
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const FAILURES_WITHOUT_EFFECT: ReadonlySet<unknown> = new Set<FailureKind>([
  'overloaded',
  'unauthenticated',
  'serviceCredentialsRejected',
])

/** True if the gateway did not send the command (queue full, circuit open) or Restcomm rejected the credentials. */
function hadNoEffect(error: Error): boolean {
  if ('failure' in error && FAILURES_WITHOUT_EFFECT.has(error.failure)) return true
  // Here, only an open circuit breaker can cause a retry delay. The gateway did not send the command.
  return 'retryAfterSeconds' in error && error.retryAfterSeconds !== null
}

function isForbidden(error: Error): boolean {
  return 'failure' in error && error.failure === 'forbidden'
}

function upstreamStatus(error: unknown): unknown {
  return error instanceof Error && 'status' in error ? error.status : null
}

function toUserError(error: Error, target: Participant): UserError | null {
  const status = upstreamStatus(error)
  if (status === 404 || status === 406) return participantNotFound(target)
  if (status === 410) return callEnded(target)
  const { callSid } = target
  if (isForbidden(error)) return rejected(target, `The credentials do not permit the command for call ${callSid}.`)
  if (status === 400) return rejected(target, `Restcomm rejected the command for call ${callSid} (status 400).`)
  return null
}
