import type { CallResolvers, RecordingResolvers } from '../generated/types.ts'
import { callId, callKeyOf, recordingId, recordingKeyOf } from './ids.ts'
import { named } from './entityByKey.ts'

export const Call: CallResolvers = {
  __resolveReference: (reference, { loaders, checkAccount }, info) => {
    const key = callKeyOf(reference)
    checkAccount(key.accountSid)
    return named('Call', key, info, () => loaders.call.load(key))
  },
  id: callId,
  recordings: (call, _args, { loaders }) => loaders.recordings.load(call),
}

export const Recording: RecordingResolvers = {
  __resolveReference: (reference, { loaders }) => loaders.recording(recordingKeyOf(reference)),
  id: ({ accountSid, callSid, sid }) => recordingId({ call: { accountSid, sid: callSid }, sid }),
}
