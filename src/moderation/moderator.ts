import type { Loaders } from '../loaders/index.ts'
import {
  type Call,
  type CallKey,
  type Conference,
  type ConferenceKey,
  isFinal,
  type Participant,
  type ParticipantKey,
} from '../model.ts'
import type { Cancellation } from '../restcomm/cancellation.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { eachBounded } from './bounded.ts'
import { callEnded, conferenceNotFound, notInProgress, participantNotFound, type Refusal, refused } from './refusal.ts'
import { attempted, settled } from './settle.ts'

export interface ModeratorOptions {
  /** How long a change is waited for until Restcomm shows it. Milliseconds. */
  readonly settleMs: number
  /** Cancelled when nobody waits for the answer any more. */
  readonly cancellation: Cancellation
  /** Told of each conference that something was done to: when it was done, and when it shows. */
  readonly onChange: (conference: ConferenceKey) => void
}

/** How many participants are acted on at the same time. */
const AT_ONCE = 8

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
  readonly #options: ModeratorOptions

  constructor(client: RestcommClient, loaders: Loaders, options: ModeratorOptions) {
    this.#client = client
    this.#loaders = loaders
    this.#options = options
  }

  async setMuted(key: ParticipantKey, muted: boolean) {
    const found = await this.#participant(key)
    if ('code' in found) return { participant: null, refusals: [found] }
    const refusal = await this.#actOn(found, () => this.#client.setMuted(key, muted))
    const present = await this.#present(key.conference, participants => {
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
    const refusal = await this.#actOn(found, () => this.#client.hangUp(callKeyOf(found), found.muted ?? false))
    const isOver = (call: Call | null) => refusal !== null || call === null || call.status !== 'IN_PROGRESS'
    const call = await this.#settled(() => this.#client.call(callKeyOf(found)), isOver)
    const conference = await this.#afterwards(key.conference)
    if (refusal !== null) return { call, conference, refusals: [refusal] }
    if (call === null) return { call, conference, refusals: [refused(key, NOT_SEEN)] }
    return { call, conference, refusals: call.status === 'IN_PROGRESS' ? [refused(key, NOT_SHOWN)] : [] }
  }

  async muteAll(key: ConferenceKey, except: ReadonlySet<string>) {
    const room = await this.#room(key)
    if (room.refusal !== null) return { conference: room.conference, muted: [], refusals: [room.refusal] }
    const targets = room.participants.filter(({ callSid }) => !except.has(callSid))
    const { done, refusals } = await this.#actOnAll(key, targets, target => this.#client.setMuted(target, true))
    const present = await this.#present(key, participants =>
      done.every(({ callSid }) => participants.get(callSid)?.muted !== false),
    )
    const muted: Participant[] = []
    for (const target of done) {
      const now = present?.get(target.callSid)
      if (now?.muted) muted.push(now)
      else refusals.push(present === null || now ? refused(target, now ? NOT_SHOWN : NOT_SEEN) : callEnded(target))
    }
    return { conference: await this.#afterwards(key), muted, refusals }
  }

  async end(key: ConferenceKey) {
    const room = await this.#room(key)
    if (room.refusal !== null) return { conference: room.conference, hungUp: [], refusals: [room.refusal] }
    const { done, refusals } = await this.#actOnAll(key, room.participants, target =>
      this.#client.hangUp(callKeyOf(target), target.muted ?? false),
    )
    const calls = await this.#ended(key, done)
    const hungUp: Call[] = []
    for (const target of done) {
      const call = calls.get(target.callSid)
      if (call !== undefined && call.status !== 'IN_PROGRESS') hungUp.push(call)
      else refusals.push(refused(target, call === undefined ? NOT_SEEN : NOT_SHOWN))
    }
    return { conference: await this.#afterwards(key), hungUp, refusals }
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

  /** Sends a change to one, once; null when Restcomm took it. */
  async #actOn(target: Participant, send: () => Promise<void>): Promise<Refusal | null> {
    const error = await failureOf(send)
    this.#changed(target.conference)
    if (error === null) return null
    const refusal = refusalOf(error, target) ?? (statusOf(error) === 500 ? await this.#hasEnded(target) : null)
    if (refusal === null) throw error
    return refusal
  }

  /** Sends a change to each, once. What fails for one does not undo the others, and so is reported and not thrown. */
  async #actOnAll(key: ConferenceKey, targets: readonly Participant[], send: (target: Participant) => Promise<void>) {
    const errors = await eachBounded(targets, AT_ONCE, target => failureOf(() => send(target)))
    this.#changed(key)
    // What Restcomm answers for calls that have just ended, and for failures of its own: the list tells them apart.
    const unsure = errors.some(error => statusOf(error) === 500)
    const present = unsure ? await attempted(() => this.#read(key)) : null
    const refusals: Refusal[] = []
    const done: Participant[] = []
    for (const [i, target] of targets.entries()) {
      const error = errors[i] ?? null
      if (error === null) done.push(target)
      else if (statusOf(error) === 500 && present?.has(target.callSid) === false) refusals.push(callEnded(target))
      else refusals.push(refusalOf(error, target) ?? refused(target, UNSURE))
    }
    return { done, refusals }
  }

  async #hasEnded(target: Participant): Promise<Refusal | null> {
    const present = await attempted(() => this.#read(target.conference))
    return present?.has(target.callSid) === false ? callEnded(target) : null
  }

  /** Who is in the conference, as soon as that shows what is waited for. */
  async #present(key: ConferenceKey, shows: (participants: ReadonlyMap<string, Participant>) => boolean) {
    const present = await this.#settled(() => this.#read(key), shows)
    this.#options.onChange(key)
    return present
  }

  #settled<T>(look: () => Promise<T>, shows: (seen: T) => boolean): Promise<T | null> {
    return settled(this.#options.settleMs, look, shows, this.#options.cancellation)
  }

  async #read(key: ConferenceKey): Promise<ReadonlyMap<string, Participant>> {
    this.#loaders.forget()
    return new Map((await this.#loaders.participants.load(key)).map(participant => [participant.callSid, participant]))
  }

  /** The calls that were hung up, as soon as all of them are over: from the room's legs, and singly what those lack. */
  async #ended(key: ConferenceKey, targets: readonly Participant[]): Promise<ReadonlyMap<string, Call>> {
    const legs = this.#client.callsOf(key)
    const read = async () => {
      const { rows } = await legs.readPage({ page: 0, size: legs.maximumPageSize })
      const calls = new Map(rows.map(call => [call.sid, call]))
      const missing = targets.filter(({ callSid }) => !calls.has(callSid))
      await eachBounded(missing, AT_ONCE, async target => {
        const call = await attempted(() => this.#client.call(callKeyOf(target)))
        if (call !== null) calls.set(call.sid, call)
      })
      return calls
    }
    const areOver = (calls: ReadonlyMap<string, Call>) =>
      targets.every(({ callSid }) => calls.get(callSid)?.status !== 'IN_PROGRESS')
    if (targets.length === 0) return new Map()
    const calls = await this.#settled(read, areOver)
    this.#options.onChange(key)
    return calls ?? new Map()
  }

  /** The conference after a change; null where Restcomm does not say. */
  #afterwards(key: ConferenceKey): Promise<Conference | null> {
    this.#loaders.forget()
    return attempted(() => this.#loaders.conference.load(key))
  }

  #changed(key: ConferenceKey): void {
    this.#loaders.forget()
    this.#options.onChange(key)
  }
}

const UNSURE = 'Restcomm failed to do this; it may or may not have happened.'

const callKeyOf = ({ accountSid, callSid }: Participant): CallKey => ({ accountSid, sid: callSid })

/** The error that sending ended in; null where there was none. */
const failureOf = async (send: () => Promise<void>): Promise<Error | null> => {
  try {
    await send()
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const isForbidden = (error: Error): boolean => 'failure' in error && error.failure === 'forbidden'

const statusOf = (error: unknown): unknown => (error instanceof Error && 'status' in error ? error.status : null)

/** What Restcomm's status says that a person understands; null where it says nothing of the kind. */
const refusalOf = (error: Error, target: Participant): Refusal | null => {
  const status = statusOf(error)
  if (status === 404 || status === 406) return participantNotFound(target)
  if (status === 410) return callEnded(target)
  if (isForbidden(error)) return refused(target, 'These credentials may not do this to this participant.')
  if (status === 400) return refused(target, 'Restcomm refused to do this for this participant.')
  return null
}
