import type { Call, Conference, ConferenceKey, Participant, ParticipantKey, Recording, RecordingKey } from '../model.ts'
import type { Connection } from '../relay/connection.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { createAccountLoader } from './accountLoader.ts'
import { CallLists } from './callLists.ts'
import { createCallLoader, createRecordingsLoader } from './callLoaders.ts'
import { ConferenceLists } from './conferenceLists.ts'
import { createConferenceLoader } from './conferenceLoader.ts'
import type { ListLimits } from './listLimits.ts'
import { createParticipantCallLoader, type PrefetchedCalls } from './participantCallLoader.ts'
import { createParticipantConnection, type ParticipantArgs } from './participantConnection.ts'
import { createParticipantsLoader } from './participantsLoader.ts'

/**
 * All loaders of a GraphQL request, created lazily because most requests need only a few. Loaded rows are cached, so
 * `clear` must be called before each event of a subscription.
 */
export class Loaders {
  readonly #client: RestcommClient
  readonly #limits: ListLimits
  readonly #prefetchedCalls: PrefetchedCalls = new Map()
  #account: ReturnType<typeof createAccountLoader> | null = null
  #conference: ReturnType<typeof createConferenceLoader> | null = null
  #participants: ReturnType<typeof createParticipantsLoader> | null = null
  #call: ReturnType<typeof createCallLoader> | null = null
  #participantCall: ReturnType<typeof createParticipantCallLoader> | null = null
  #recordings: ReturnType<typeof createRecordingsLoader> | null = null
  #conferences: ConferenceLists | null = null
  #calls: CallLists | null = null

  constructor(client: RestcommClient, limits: ListLimits) {
    this.#client = client
    this.#limits = limits
  }

  get account() {
    this.#account ??= createAccountLoader(this.#client)
    return this.#account
  }

  get conference() {
    this.#conference ??= createConferenceLoader(this.#client)
    return this.#conference
  }

  get participants() {
    this.#participants ??= createParticipantsLoader(this.#client, this.conference)
    return this.#participants
  }

  get call() {
    this.#call ??= createCallLoader(this.#client)
    return this.#call
  }

  get participantCall() {
    this.#participantCall ??= createParticipantCallLoader(this.#client, this.call, this.#prefetchedCalls)
    return this.#participantCall
  }

  get recordings() {
    this.#recordings ??= createRecordingsLoader(this.#client)
    return this.#recordings
  }

  get conferences() {
    this.#conferences ??= new ConferenceLists(this.#client, this.#limits, rows => this.conference.prime(rows))
    return this.#conferences
  }

  get calls() {
    this.#calls ??= new CallLists(this.#client, this.#limits, rows => this.call.prime(rows))
    return this.#calls
  }

  /** Searches the participant list, because Restcomm's lookup of a single participant ignores the conference. */
  async participant({ conference, callSid }: ParticipantKey): Promise<Participant | null> {
    return (await this.participants.load(conference)).find(participant => participant.callSid === callSid) ?? null
  }

  /** Searches the recordings of the call, because a recording looked up by SID does not show the call's account. */
  async recording({ call, sid }: RecordingKey): Promise<Recording | null> {
    return (await this.recordings.load(call)).find(recording => recording.sid === sid) ?? null
  }

  participantConnection(key: ConferenceKey, args: ParticipantArgs): Connection<Participant> {
    return createParticipantConnection(key, args, this.#limits, this.participants)
  }

  /** Adds rows already read by a poller. `readActiveCalls` replaces the request for the conference's active calls. */
  prime(
    conference: Conference,
    participants?: readonly Participant[],
    readActiveCalls?: () => Promise<readonly Call[]>,
  ): void {
    this.conference.prime([conference])
    if (participants) this.participants.prime(conference, participants)
    if (readActiveCalls) this.#prefetchedCalls.set(conference.sid, readActiveCalls)
  }

  /** Discards all loaded rows, for example after a mutation. */
  clear(): void {
    for (const loader of [this.#conference, this.#participants, this.#call, this.#participantCall, this.#recordings]) {
      loader?.clearAll()
    }
    this.#prefetchedCalls.clear()
    this.#conferences?.clear()
    this.#calls?.clear()
  }
}
