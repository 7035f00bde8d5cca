import type { CallResolvers, RecordingResolvers } from '../generated/types.ts'
import { callId, parseCallKey, parseRecordingKey, recordingId } from './ids.ts'
import { readUnlessKeyOnly } from './readUnlessKeyOnly.ts'

export const Call: CallResolvers = {
  __resolveReference: (reference, { loaders, assertAccountAllowed }, info) => {
    const key = parseCallKey(reference)
    assertAccountAllowed(key.accountSid)
    return readUnlessKeyOnly('Call', key, info, () => loaders.call.load(key))
  },
  id: callId,
  recordings: (call, _args, { loaders }) => loaders.recordings.load(call),
}

export const Recording: RecordingResolvers = {
  __resolveReference: (reference, { loaders }) => loaders.recording(parseRecordingKey(reference)),
  id: ({ accountSid, callSid, sid }) => recordingId({ call: { accountSid, sid: callSid }, sid }),
}
