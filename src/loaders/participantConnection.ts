import type { ConferenceKey, Participant } from '../model.ts'
import { Connection, type ConnectionPage, type ConnectionSource } from '../relay/connection.ts'
import { listFingerprint, type SortKey } from '../relay/cursor.ts'
import { type KeyedOrder, type KeyedWindow, keyedWindow, pageByKey, sortByKey } from '../relay/sortedConnection.ts'
import { type ConnectionArguments, type PageLimits, windowOf } from '../relay/connectionArgs.ts'

export interface ParticipantArguments extends ConnectionArguments {
  readonly filter?: { readonly muted?: boolean | null; readonly hold?: boolean | null } | null | undefined
}

/** Who reads the participants of conferences, each once. */
interface Reader {
  load(conference: ConferenceKey): Promise<readonly Participant[]>
}

/**
 * The participants of a conference, in the order in which their calls began. Restcomm sends them all at once, so they
 * are filtered, sorted and paged here: whoever leaves cannot make another be skipped or repeated.
 */
export const participantConnection = (
  conference: ConferenceKey,
  args: ParticipantArguments,
  limits: PageLimits,
  reader: Reader,
): Connection<Participant> => new Connection(new ParticipantList(conference, args, limits, reader))

/** An object and no closures: a list of conferences has one for each of them, all of which wait at the same time. */
class ParticipantList implements ConnectionSource<Participant>, KeyedOrder<Participant> {
  readonly window: KeyedWindow
  readonly #conference: ConferenceKey
  readonly #muted: boolean | null
  readonly #hold: boolean | null
  readonly #reader: Reader
  #fingerprint: string | undefined

  constructor(conference: ConferenceKey, args: ParticipantArguments, limits: PageLimits, reader: Reader) {
    this.#conference = conference
    this.#muted = args.filter?.muted ?? null
    this.#hold = args.filter?.hold ?? null
    this.#reader = reader
    this.window = keyedWindow(windowOf(args, limits), this)
  }

  get fingerprint(): string {
    const { accountSid, sid } = this.#conference
    this.#fingerprint ??= listFingerprint('participants', accountSid, sid, this.#muted, this.#hold)
    return this.#fingerprint
  }

  get shape(): SortKey {
    return [0, '']
  }

  keyOf({ dateCreated, callSid }: Participant): SortKey {
    return [Date.parse(dateCreated), callSid]
  }

  page(): Promise<ConnectionPage<Participant>> {
    return this.#reader
      .load(this.#conference)
      .then(participants => pageByKey(sortByKey(this.#filtered(participants), this), this.window, this))
  }

  async totalCount(): Promise<number> {
    return this.#filtered(await this.#reader.load(this.#conference)).length
  }

  #filtered(all: readonly Participant[]): readonly Participant[] {
    if (this.#muted === null && this.#hold === null) return all
    return all.filter(
      ({ muted, hold }) =>
        (this.#muted === null || muted === this.#muted) && (this.#hold === null || hold === this.#hold),
    )
  }
}
