import type { Call, Conference, ConferenceKey, Participant, ParticipantKey, Recording, RecordingKey } from '../model.ts'
import type { Connection } from '../relay/connection.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { Trace } from '../trace.ts'
import { accountLoader } from './account.ts'
import { callLoader, recordingsLoader } from './call.ts'
import { CallLists } from './callLists.ts'
import { conferenceLoader } from './conference.ts'
import { ConferenceLists } from './conferenceLists.ts'
import type { Limits } from './limits.ts'
import type { AnchorListener } from './pageReader.ts'
import { type KnownLegs, participantCallLoader } from './participantCall.ts'
import { type ParticipantArguments, participantConnection } from './participantConnection.ts'
import { participantsLoader } from './participants.ts'

export type Loaders = ReturnType<typeof createLoaders>

/**
 * What one request reads, each thing once. Make new ones for each request, and for each event of a subscription: what
 * they have read they keep.
 */
export const createLoaders = (client: RestcommClient, limits: Limits, onAnchor: AnchorListener, trace: Trace) => {
  const account = accountLoader(client, trace)
  const conference = conferenceLoader(client, trace)
  const participants = participantsLoader(client, conference, trace)
  const call = callLoader(client, trace)
  const knownLegs: KnownLegs = new Map()
  const callOf = participantCallLoader(client, call, knownLegs, trace)
  const recordings = recordingsLoader(client, trace)
  const conferences = new ConferenceLists(client, limits, rows => conference.bring(rows), onAnchor)
  const calls = new CallLists(client, limits, rows => call.bring(rows), onAnchor)

  return {
    account,
    conference,
    /** Null unless that call is in that conference at this moment: Restcomm's own look-up does not check it. */
    participant: async ({ conference, callSid }: ParticipantKey): Promise<Participant | null> =>
      (await participants.load(conference)).find(participant => participant.callSid === callSid) ?? null,
    call,
    callOf,
    recordings,
    /** Restcomm does not say whose call a recording is of; the call's recordings do. */
    recording: async ({ call, sid }: RecordingKey): Promise<Recording | null> =>
      (await recordings.load(call)).find(recording => recording.sid === sid) ?? null,
    conferences,
    calls,
    /** Forgets what was read: something has been done that changes it. */
    forget: () => {
      for (const loader of [conference, participants, call, callOf, recordings]) loader.clearAll()
      knownLegs.clear()
      conferences.forget()
      calls.forget()
    },
    /** What is known already, and so need not be read. */
    know: (row: Conference, present?: readonly Participant[], legs?: () => Promise<readonly Call[]>): void => {
      conference.bring([row])
      if (present) participants.prime(row, present)
      if (legs) knownLegs.set(row.sid, legs)
    },
    participants,
    /** One page of the participants of a conference. */
    participantConnection: (key: ConferenceKey, args: ParticipantArguments): Connection<Participant> =>
      participantConnection(key, args, limits, participants),
  }
}
