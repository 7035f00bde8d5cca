import type { ConferenceKey, Participant } from '../model.ts'
import { Connection } from '../relay/connection.ts'
import { listFingerprint } from '../relay/cursor.ts'
import { type KeyedOrder, keyedWindow, pageByKey, sortByKey } from '../relay/keyedList.ts'
import { type ConnectionArguments, type PageLimits, windowOf } from '../relay/window.ts'

export interface ParticipantArguments extends ConnectionArguments {
  readonly filter?: { readonly muted?: boolean | null; readonly hold?: boolean | null } | null | undefined
}

/**
 * The participants of a conference, in the order in which their calls began. Restcomm sends them all at once, so they
 * are filtered, sorted and paged here: whoever leaves cannot make another be skipped or repeated.
 */
export const participantConnection = (
  conference: ConferenceKey,
  args: ParticipantArguments,
  limits: PageLimits,
  read: () => Promise<readonly Participant[]>,
): Connection<Participant> => {
  const muted = args.filter?.muted ?? null
  const hold = args.filter?.hold ?? null
  let fingerprint: string | undefined
  const order: KeyedOrder<Participant> = {
    get fingerprint() {
      fingerprint ??= listFingerprint('participants', conference.accountSid, conference.sid, muted, hold)
      return fingerprint
    },
    keyOf: participant => [Date.parse(participant.dateCreated), participant.callSid],
    shape: [0, ''],
  }
  const window = keyedWindow(windowOf(args, limits), order)
  const meets = (participant: Participant) =>
    (muted === null || participant.muted === muted) && (hold === null || participant.hold === hold)
  const filtered = async () => (await read()).filter(meets)
  return new Connection({
    window,
    page: async () => pageByKey(sortByKey(await filtered(), order), window, order),
    totalCount: async () => (await filtered()).length,
  })
}
