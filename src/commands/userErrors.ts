import type { ParticipantKey } from '../model.ts'

/** Why something could not be done, in a way that the person who asked for it understands. */
export interface Refusal {
  readonly code: 'PARTICIPANT_NOT_FOUND' | 'CONFERENCE_NOT_FOUND' | 'CALL_ENDED' | 'NOT_IN_PROGRESS' | 'REFUSED'
  readonly message: string
  readonly participant: ParticipantKey | null
  /** Where in the arguments the reason lies, from the outside in. */
  readonly field: readonly string[] | null
}

const PARTICIPANT_FIELD = ['input', 'participantId']
const CONFERENCE_FIELD = ['input', 'conferenceId']

export const participantNotFound = (participant: ParticipantKey): Refusal => ({
  code: 'PARTICIPANT_NOT_FOUND',
  message: 'This call is not in this conference at this moment.',
  participant,
  field: PARTICIPANT_FIELD,
})

export const callEnded = (participant: ParticipantKey): Refusal => ({
  code: 'CALL_ENDED',
  message: 'The call ended before it could be acted on.',
  participant,
  field: null,
})

export const refused = (participant: ParticipantKey, message: string): Refusal => ({
  code: 'REFUSED',
  message,
  participant,
  field: null,
})

/** `field` is the argument that names the conference, be it by one of its participants. */
export const conferenceNotFound = (by: 'participant' | 'conference'): Refusal => ({
  code: 'CONFERENCE_NOT_FOUND',
  message: 'The account has no such conference.',
  participant: null,
  field: by === 'participant' ? PARTICIPANT_FIELD : CONFERENCE_FIELD,
})

export const notInProgress = (by: 'participant' | 'conference'): Refusal => ({
  code: 'NOT_IN_PROGRESS',
  message: 'The conference is over.',
  participant: null,
  field: by === 'participant' ? PARTICIPANT_FIELD : CONFERENCE_FIELD,
})
