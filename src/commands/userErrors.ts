import type { ConferenceKey, ParticipantKey } from '../model.ts'

/** Expected failure of a command, an entry of `userErrors` in the mutation result. */
export interface UserError {
  readonly code: 'PARTICIPANT_NOT_FOUND' | 'CONFERENCE_NOT_FOUND' | 'CALL_ENDED' | 'NOT_IN_PROGRESS' | 'REFUSED'
  readonly message: string
  readonly participant: ParticipantKey | null
  /** Path of the invalid argument, outermost name first; null if no argument is the cause. */
  readonly field: readonly string[] | null
}

const PARTICIPANT_FIELD = ['input', 'participantId']
const CONFERENCE_FIELD = ['input', 'conferenceId']

export function participantNotFound(participant: ParticipantKey): UserError {
  const message = `Call ${participant.callSid} is not in conference ${participant.conference.sid}.`
  return { code: 'PARTICIPANT_NOT_FOUND', message, participant, field: PARTICIPANT_FIELD }
}

export function callEnded(participant: ParticipantKey): UserError {
  const message = `Call ${participant.callSid} ended before the command was executed.`
  return { code: 'CALL_ENDED', message, participant, field: null }
}

export function rejected(participant: ParticipantKey, message: string): UserError {
  return { code: 'REFUSED', message, participant, field: null }
}

/** `argument` is 'participant' for the input `participantId`, and 'conference' for the input `conferenceId`. */
export function conferenceNotFound(
  { accountSid, sid }: ConferenceKey,
  argument: 'participant' | 'conference',
): UserError {
  return {
    code: 'CONFERENCE_NOT_FOUND',
    message: `Conference ${sid} does not exist in account ${accountSid}.`,
    participant: null,
    field: argument === 'participant' ? PARTICIPANT_FIELD : CONFERENCE_FIELD,
  }
}

export function notInProgress({ sid }: ConferenceKey, argument: 'participant' | 'conference'): UserError {
  return {
    code: 'NOT_IN_PROGRESS',
    message: `Conference ${sid} has ended and accepts no commands.`,
    participant: null,
    field: argument === 'participant' ? PARTICIPANT_FIELD : CONFERENCE_FIELD,
  }
}
