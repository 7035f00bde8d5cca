import type { Call, Conference, ConferenceKey, Participant, ParticipantKey, Recording, RecordingKey } from '../model.ts'
import type { Connection } from '../relay/connection.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import type { Trace } from '../tracer.ts'
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

/**
 * What one request reads, each thing once. Make new ones for each request, and for each event of a subscription: what
 * they have read they keep. Each loader is made when it is first asked for, since hardly a request asks for all.
 */
export class Loaders {
  readonly #client: RestcommClient
  readonly #limits: Limits
  readonly #onAnchor: AnchorListener
  readonly #trace: Trace
  readonly #knownLegs: KnownLegs = new Map()
  #account: ReturnType<typeof accountLoader> | null = null
  #conference: ReturnType<typeof conferenceLoader> | null = null
  #participants: ReturnType<typeof participantsLoader> | null = null
  #call: ReturnType<typeof callLoader> | null = null
  #callOf: ReturnType<typeof participantCallLoader> | null = null
  #recordings: ReturnType<typeof recordingsLoader> | null = null
  #conferences: ConferenceLists | null = null
  #calls: CallLists | null = null

  constructor(client: RestcommClient, limits: Limits, onAnchor: AnchorListener, trace: Trace) {
    this.#client = client
    this.#limits = limits
    this.#onAnchor = onAnchor
    this.#trace = trace
  }

  get account() {
    this.#account ??= accountLoader(this.#client, this.#trace)
    return this.#account
  }

  get conference() {
    this.#conference ??= conferenceLoader(this.#client, this.#trace)
    return this.#conference
  }

  get participants() {
    this.#participants ??= participantsLoader(this.#client, this.conference, this.#trace)
    return this.#participants
  }

  get call() {
    this.#call ??= callLoader(this.#client, this.#trace)
    return this.#call
  }

  get callOf() {
    this.#callOf ??= participantCallLoader(this.#client, this.call, this.#knownLegs, this.#trace)
    return this.#callOf
  }

  get recordings() {
    this.#recordings ??= recordingsLoader(this.#client, this.#trace)
    return this.#recordings
  }

  get conferences() {
    this.#conferences ??= new ConferenceLists(
      this.#client,
      this.#limits,
      rows => this.conference.bring(rows),
      this.#onAnchor,
    )
    return this.#conferences
  }

  get calls() {
    this.#calls ??= new CallLists(this.#client, this.#limits, rows => this.call.bring(rows), this.#onAnchor)
    return this.#calls
  }

  /** Null unless that call is in that conference at this moment: Restcomm's own look-up does not check it. */
  async participant({ conference, callSid }: ParticipantKey): Promise<Participant | null> {
    return (await this.participants.load(conference)).find(participant => participant.callSid === callSid) ?? null
  }

  /** Restcomm does not say whose call a recording is of; the call's recordings do. */
  async recording({ call, sid }: RecordingKey): Promise<Recording | null> {
    return (await this.recordings.load(call)).find(recording => recording.sid === sid) ?? null
  }

  /** One page of the participants of a conference. */
  participantConnection(key: ConferenceKey, args: ParticipantArguments): Connection<Participant> {
    return participantConnection(key, args, this.#limits, this.participants)
  }

  /** What is known already, and so need not be read. */
  know(row: Conference, present?: readonly Participant[], legs?: () => Promise<readonly Call[]>): void {
    this.conference.bring([row])
    if (present) this.participants.prime(row, present)
    if (legs) this.#knownLegs.set(row.sid, legs)
  }

  /** Forgets what was read: something has been done that changes it. */
  forget(): void {
    for (const loader of [this.#conference, this.#participants, this.#call, this.#callOf, this.#recordings]) {
      loader?.clearAll()
    }
    this.#knownLegs.clear()
    this.#conferences?.forget()
    this.#calls?.forget()
  }
}
