import type { CallKey, Participant } from '../model.ts'

export const callKeyOf = ({ accountSid, callSid }: Participant): CallKey => ({ accountSid, sid: callSid })
