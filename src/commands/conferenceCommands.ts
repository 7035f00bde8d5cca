import type { Loaders } from '../loaders/loaders.ts'
import {
  type Call,
  type Conference,
  type ConferenceKey,
  isFinal,
  type Participant,
  type ParticipantKey,
} from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { Aftermath, type AftermathOptions } from './readAfterWrite.ts'
import { Changes } from './sendCommands.ts'
import { callKeyOf } from './keys.ts'
import { callEnded, conferenceNotFound, notInProgress, participantNotFound, type Refusal, refused } from './userErrors.ts'

const NOT_SHOWN = 'Restcomm took this, and does not show it yet.'
const NOT_SEEN = 'This was done, but Restcomm could not be asked how it is now.'

/**
 * Mutes and hangs up.
 *
 * A participant is acted on only after it was found in its conference's list, with the credentials of whoever asks:
 * Restcomm itself would act on any call of the account. It answers with the state from before the change, so what is
 * returned here is read afterwards. What the person who asks can understand is a refusal; the rest is thrown, but only
 * before anything was done: what has been done is reported.
 */
export class Moderator {
  readonly #client: RestcommClient
  readonly #loaders: Loaders
  readonly #options: AftermathOptions

  constructor(client: RestcommClient, loaders: Loaders, options: AftermathOptions) {
    this.#client = client
    this.#loaders = loaders
    this.#options = options
  }

  async setMuted(key: ParticipantKey, muted: boolean) {
    const found = await this.#participant(key)
    if ('code' in found) return { participant: null, refusals: [found] }
    const { changes, aftermath } = this.#work()
    const refusal = await changes.one(found, () => this.#client.setMuted(found, muted, aftermath.late(key.conference)))
    const present = await aftermath.present(key.conference, participants => {
      return refusal !== null || participants.get(key.callSid)?.muted !== !muted
    })
    const participant = present?.get(key.callSid) ?? null
    if (refusal !== null) return { participant, refusals: [refusal] }
    if (present === null) return { participant, refusals: [refused(key, NOT_SEEN)] }
    if (participant === null) return { participant, refusals: [callEnded(key)] }
    return { participant, refusals: participant.muted === !muted ? [refused(key, NOT_SHOWN)] : [] }
  }

  async hangUp(key: ParticipantKey) {
    const found = await this.#participant(key)
    if ('code' in found) {
      return { call: null, conference: await this.#loaders.conference.load(key.conference), refusals: [found] }
    }
    const { changes, aftermath } = this.#work()
    const refusal = await changes.one(found, () => this.#hangUp(found, aftermath))
    const isOver = (call: Call | null) => refusal !== null || call === null || call.status !== 'IN_PROGRESS'
    const call = await aftermath.call(found, isOver)
    const conference = await aftermath.conference(key.conference)
    if (refusal !== null) return { call, conference, refusals: [refusal] }
    if (call === null) return { call, conference, refusals: [refused(key, NOT_SEEN)] }
    return { call, conference, refusals: call.status === 'IN_PROGRESS' ? [refused(key, NOT_SHOWN)] : [] }
  }

  async muteAll(key: ConferenceKey, except: ReadonlySet<string>) {
    const room = await this.#room(key)
    if (room.refusal !== null) return { conference: room.conference, muted: [], refusals: [room.refusal] }
    const targets = room.participants.filter(({ callSid }) => !except.has(callSid))
    const { changes, aftermath } = this.#work()
    const { done, refusals } = await changes.each(key, targets, target =>
      this.#client.setMuted(target, true, aftermath.late(key)),
    )
    const present = await aftermath.present(key, participants =>
      done.every(({ callSid }) => participants.get(callSid)?.muted !== false),
    )
    const muted: Participant[] = []
    for (const target of done) {
      const now = present?.get(target.callSid)
      if (now && now.muted !== false) muted.push(now)
      else refusals.push(present === null || now ? refused(target, now ? NOT_SHOWN : NOT_SEEN) : callEnded(target))
    }
    return { conference: await aftermath.conference(key), muted, refusals }
  }

  async end(key: ConferenceKey) {
    const room = await this.#room(key)
    if (room.refusal !== null) return { conference: room.conference, hungUp: [], refusals: [room.refusal] }
    const { changes, aftermath } = this.#work()
    const { done, refusals } = await changes.each(key, room.participants, target => this.#hangUp(target, aftermath))
    const calls = await aftermath.ended(key, done)
    const hungUp: Call[] = []
    for (const target of done) {
      const call = calls.get(target.callSid) ?? null
      if (call !== null && call.status !== 'IN_PROGRESS') hungUp.push(call)
      else refusals.push(refused(target, call === null ? NOT_SEEN : NOT_SHOWN))
    }
    return { conference: await aftermath.conference(key), hungUp, refusals }
  }

  #hangUp(target: Participant, aftermath: Aftermath): Promise<void> {
    return this.#client.hangUp(callKeyOf(target), target.muted ?? false, aftermath.late(target.conference))
  }

  /** What it takes to do something, which most requests never do. */
  #work() {
    const aftermath = new Aftermath(this.#client, this.#loaders, this.#options)
    return { aftermath, changes: new Changes(aftermath) }
  }

  /** The participant, or why there is none to act on. */
  async #participant(key: ParticipantKey): Promise<Participant | Refusal> {
    const conference = await this.#loaders.conference.load(key.conference)
    if (conference === null) return conferenceNotFound('participant')
    if (isFinal(conference)) return notInProgress('participant')
    return (await this.#loaders.participant(key)) ?? participantNotFound(key)
  }

  async #room(key: ConferenceKey): Promise<{
    conference: Conference | null
    participants: readonly Participant[]
    refusal: Refusal | null
  }> {
    const conference = await this.#loaders.conference.load(key)
    if (conference === null) return { conference, participants: [], refusal: conferenceNotFound('conference') }
    if (isFinal(conference)) return { conference, participants: [], refusal: notInProgress('conference') }
    return { conference, participants: await this.#loaders.participants.load(key), refusal: null }
  }
}
