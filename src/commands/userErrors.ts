import type { ConferenceKey, Participant, ParticipantKey } from '../model.ts'
import { type DecodingError, RestcommError } from '../restcomm/errors.ts'

/** Expected failure of a command, an entry of `userErrors` in the mutation result. */
export interface UserError {
  readonly code: 'PARTICIPANT_NOT_FOUND' | 'CONFERENCE_NOT_FOUND' | 'CALL_ENDED' | 'NOT_IN_PROGRESS' | 'REFUSED'
  readonly message: string
  readonly participant: ParticipantKey | null
  /** Path of the invalid argument, outermost name first; null if no argument is the cause. */
  readonly field: readonly string[] | null
}

/** Name of the input field that identifies the target of a mutation. */
export type TargetField = 'participantId' | 'conferenceId'

export function participantNotFound(participant: ParticipantKey): UserError {
  const message = `Call ${participant.callSid} is not in conference ${participant.conference.sid}.`
  return { code: 'PARTICIPANT_NOT_FOUND', message, participant, field: ['input', 'participantId'] }
}

export function callEnded(participant: ParticipantKey): UserError {
  const message = `Call ${participant.callSid} ended before the command was executed.`
  return { code: 'CALL_ENDED', message, participant, field: null }
}

export function rejected(participant: ParticipantKey, message: string): UserError {
  return { code: 'REFUSED', message, participant, field: null }
}

/** For a row without a valid identity among the participants of a conference. */
export function notIdentified({ message }: DecodingError): UserError {
  return { code: 'REFUSED', message: `A participant was skipped: ${message}`, participant: null, field: null }
}

export function conferenceNotFound({ accountSid, sid }: ConferenceKey, field: TargetField): UserError {
  const message = `Conference ${sid} does not exist in account ${accountSid}.`
  return { code: 'CONFERENCE_NOT_FOUND', message, participant: null, field: ['input', field] }
}

export function notInProgress({ sid }: ConferenceKey, field: TargetField): UserError {
  const message = `Conference ${sid} has ended and accepts no commands.`
  return { code: 'NOT_IN_PROGRESS', message, participant: null, field: ['input', field] }
}

/** Translates Restcomm's rejection of a command. Returns null for a failure without a corresponding user error. */
export function rejectionToUserError(error: Error, target: Participant): UserError | null {
  if (!(error instanceof RestcommError)) return null
  const { callSid } = target
  if (error.status === 404 || error.status === 406) return participantNotFound(target)
  if (error.status === 410) return callEnded(target)
  if (error.failure === 'forbidden') {
    return rejected(target, `The credentials do not permit the command for call ${callSid}.`)
  }
  if (error.status === 400) return rejected(target, `Restcomm rejected the command for call ${callSid} (status 400).`)
  return null
}

/** Whether Restcomm rejected the command because of the call or the permission. */
export function wasRefused(error: unknown): boolean {
  if (!(error instanceof RestcommError)) return false
  return error.failure === 'forbidden' || REFUSED_STATUSES.includes(error.status)
}

const REFUSED_STATUSES: readonly (number | null)[] = [400, 404, 406, 410]

/** Translates a failure into a user error. The message tells whether the command may have been executed. */
export function failureToUserError(error: Error, target: Participant): UserError {
  return rejected(
    target,
    wasNotExecuted(error)
      ? 'The command was not executed: Restcomm is overloaded or unavailable (try again later), or rejected the credentials.'
      : 'Restcomm failed: the command may or may not have been executed. Read the current state.',
  )
}

/** Whether the command was not sent, or was rejected because of the load or the credentials. */
export function wasNotExecuted(error: unknown): boolean {
  if (!(error instanceof RestcommError)) return false
  const { failure, retryAfterSeconds, status } = error
  // Without a status, a retry delay means that the gateway did not send the command, for example an open circuit breaker.
  if (failure === 'overloaded' || status === 429 || (retryAfterSeconds !== null && status === null)) return true
  return failure === 'unauthenticated' || failure === 'serviceCredentialsRejected'
}
