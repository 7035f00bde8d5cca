import type { ConferenceKey, Participant } from '../model.ts'
import { Connection, type ConnectionPage, type ConnectionSource } from '../relay/connection.ts'
import { type ConnectionArgs, type PageLimits, parseConnectionArgs } from '../relay/connectionArgs.ts'
import { listFingerprint, type SortKey } from '../relay/cursor.ts'
import { type KeyWindow, parseKeyWindow, type SortOrder, sliceByKey, sortByKey } from '../relay/sortedConnection.ts'

export interface ParticipantArgs extends ConnectionArgs {
  readonly filter?: { readonly muted?: boolean | null; readonly hold?: boolean | null } | null | undefined
}

/** `load` should cache the result, because a connection can call `load` twice. */
interface ParticipantsSource {
  load(conference: ConferenceKey): Promise<readonly Participant[]>
}

/** Participants by creation date. The gateway filters and pages, because Restcomm returns all participants at once. */
export function createParticipantConnection(
  conference: ConferenceKey,
  args: ParticipantArgs,
  limits: PageLimits,
  source: ParticipantsSource,
): Connection<Participant> {
  return new Connection(new ParticipantList(conference, args, limits, source))
}

/** A class needs less memory than closures: a query for many conferences keeps an instance per conference. */
class ParticipantList implements ConnectionSource<Participant>, SortOrder<Participant> {
  readonly window: KeyWindow
  readonly #conference: ConferenceKey
  readonly #muted: boolean | null
  readonly #hold: boolean | null
  readonly #source: ParticipantsSource
  #fingerprint: string | undefined

  constructor(conference: ConferenceKey, args: ParticipantArgs, limits: PageLimits, source: ParticipantsSource) {
    this.#conference = conference
    this.#muted = args.filter?.muted ?? null
    this.#hold = args.filter?.hold ?? null
    this.#source = source
    this.window = parseKeyWindow(parseConnectionArgs(args, limits), this)
  }

  get fingerprint(): string {
    const { accountSid, sid } = this.#conference
    this.#fingerprint ??= listFingerprint('participants', accountSid, sid, this.#muted, this.#hold)
    return this.#fingerprint
  }

  get sampleKey(): SortKey {
    return [0, '']
  }

  keyOf({ dateCreated, callSid }: Participant): SortKey {
    return [Date.parse(dateCreated), callSid]
  }

  page(): Promise<ConnectionPage<Participant>> {
    return this.#source
      .load(this.#conference)
      .then(participants => sliceByKey(sortByKey(this.#filtered(participants), this), this.window, this))
  }

  async totalCount(): Promise<number> {
    return this.#filtered(await this.#source.load(this.#conference)).length
  }

  #filtered(participants: readonly Participant[]): readonly Participant[] {
    if (this.#muted === null && this.#hold === null) return participants
    return participants.filter(
      ({ muted, hold }) =>
        (this.#muted === null || muted === this.#muted) && (this.#hold === null || hold === this.#hold),
    )
  }
}
