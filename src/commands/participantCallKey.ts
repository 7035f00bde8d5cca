import type { CallKey, Participant } from '../model.ts'

export function participantCallKey({ accountSid, callSid }: Participant): CallKey {
  return { accountSid, sid: callSid }
}
