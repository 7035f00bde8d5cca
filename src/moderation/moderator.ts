import { setTimeout as sleep } from 'node:timers/promises'
import type { Loaders } from '../loaders/index.ts'
import {
  type Call,
  type Conference,
  type ConferenceKey,
  isFinal,
  type Participant,
  type ParticipantKey,
} from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { eachBounded } from './bounded.ts'
import { callEnded, conferenceNotFound, notInProgress, participantNotFound, type Refusal, refused } from './refusal.ts'

export interface ModeratorOptions {
  /** How long a change is waited for until Restcomm shows it. Milliseconds. */
  readonly settleMs: number
  /** Told of each conference that something was done to. */
  readonly onChange: (conference: ConferenceKey) => void
}

/** How many participants are acted on at the same time. */
const AT_ONCE = 8
/** Between two looks at whether a change shows: short at first, since it mostly does at once. Milliseconds. */
const FIRST_LOOK_MS = 40

/**
 * Mutes and hangs up.
 *
 * A participant is acted on only after it was found in its conference's list, with the credentials of whoever asks:
 * Restcomm itself would act on any call of the account. It answers with the state from before the change, so what
 * is returned here is read afterwards. What the person who asks can understand is a refusal; the rest is thrown.
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
    const refusal = await this.#act(key, () => this.#client.setMuted(key, muted))
    if (refusal !== null) return { participant: await this.#loaders.participant(key), refusals: [refusal] }
    const now = await this.#until(key.conference, participants => participants.get(key.callSid)?.muted !== !muted)
    const participant = now.get(key.callSid) ?? null
    return { participant, refusals: participant === null ? [callEnded(key)] : [] }
  }

  async hangUp(key: ParticipantKey) {
    const found = await this.#participant(key)
    if ('code' in found)
      return { call: null, conference: await this.#loaders.conference.load(key.conference), refusals: [found] }
    const refusal = await this.#hangUp(found)
    const call = await this.#ended(found, refusal === null)
    this.#loaders.forget()
    const conference = await this.#loaders.conference.load(key.conference)
    return { call, conference, refusals: refusal === null ? [] : [refusal] }
  }

  async muteAll(key: ConferenceKey, except: ReadonlySet<string>) {
    const room = await this.#room(key)
    if (room.refusal !== null) return { conference: room.conference, muted: [], refusals: [room.refusal] }
    const targets = room.participants.filter(({ callSid }) => !except.has(callSid))
    const outcomes = await eachBounded(targets, AT_ONCE, participant =>
      this.#actOnOneOfMany(participant, () => this.#client.setMuted(participant, true)),
    )
    const sent = targets.filter((_, i) => outcomes[i] === null)
    const now = await this.#until(key, participants =>
      sent.every(({ callSid }) => participants.get(callSid)?.muted !== false),
    )
    const muted = sent.flatMap(({ callSid }) => now.get(callSid) ?? []).filter(participant => participant.muted)
    const left = sent.filter(({ callSid }) => !now.has(callSid)).map(callEnded)
    const conference = await this.#loaders.conference.load(key)
    return { conference, muted, refusals: [...outcomes.filter(refusal => refusal !== null), ...left] }
  }

  async end(key: ConferenceKey) {
    const room = await this.#room(key)
    if (room.refusal !== null) return { conference: room.conference, hungUp: [], refusals: [room.refusal] }
    const outcomes = await eachBounded(room.participants, AT_ONCE, participant =>
      this.#actOnOneOfMany(participant, () => this.#client.hangUp(callKeyOf(participant), participant.muted ?? false)),
    )
    const sent = room.participants.filter((_, i) => outcomes[i] === null)
    const calls = await eachBounded(sent, AT_ONCE, participant => this.#ended(participant, true).catch(() => null))
    this.#loaders.forget()
    const conference = await this.#loaders.conference.load(key)
    return {
      conference,
      hungUp: calls.filter((call): call is Call => call !== null),
      refusals: outcomes.filter(refusal => refusal !== null),
    }
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

  #hangUp(participant: Participant): Promise<Refusal | null> {
    return this.#act(participant, () => this.#client.hangUp(callKeyOf(participant), participant.muted ?? false))
  }

  /** Sends a change, once; null when Restcomm took it. */
  async #act(key: ParticipantKey, send: () => Promise<void>): Promise<Refusal | null> {
    try {
      await send()
      return null
    } catch (error) {
      const refusal = await this.#refusalOf(error, key)
      if (refusal === null) throw error
      return refusal
    } finally {
      this.#loaders.forget()
      this.#options.onChange(key.conference)
    }
  }

  /** As `#act`; what fails for one of many does not undo the others, and so is its refusal. */
  async #actOnOneOfMany(key: ParticipantKey, send: () => Promise<void>): Promise<Refusal | null> {
    try {
      return await this.#act(key, send)
    } catch {
      return refused(key, 'Restcomm failed to do this; it may or may not have happened.')
    }
  }

  async #refusalOf(error: unknown, key: ParticipantKey): Promise<Refusal | null> {
    const status = statusOf(error)
    if (status === 404 || status === 406) return participantNotFound(key)
    if (status === 410) return callEnded(key)
    if (status === 400 || status === 403) return refused(key, 'Restcomm refused to do this for this participant.')
    if (status !== 500) return null
    // What Restcomm answers for a call that has just ended, and for a failure of its own: the list tells them apart.
    this.#loaders.forget()
    return (await this.#loaders.participant(key)) === null ? callEnded(key) : null
  }

  /** The participants, as soon as they show what is waited for, or as they are when that takes too long. */
  async #until(
    conference: ConferenceKey,
    done: (participants: ReadonlyMap<string, Participant>) => boolean,
  ): Promise<ReadonlyMap<string, Participant>> {
    return this.#look(async () => {
      this.#loaders.forget()
      const participants = new Map((await this.#loaders.participants.load(conference)).map(one => [one.callSid, one]))
      return { value: participants, done: done(participants) }
    })
  }

  /** The call behind a participant, as soon as it is over if it was hung up, or as it is when that takes too long. */
  async #ended(participant: Participant, hungUp: boolean): Promise<Call | null> {
    return this.#look(async () => {
      const call = await this.#client.call(callKeyOf(participant))
      return { value: call, done: !hungUp || call === null || call.status !== 'IN_PROGRESS' }
    })
  }

  async #look<T>(look: () => Promise<{ value: T; done: boolean }>): Promise<T> {
    const deadline = performance.now() + this.#options.settleMs
    for (let wait = FIRST_LOOK_MS; ; wait *= 2) {
      const { value, done } = await look()
      if (done || performance.now() + wait > deadline) return value
      await sleep(wait)
    }
  }
}

const callKeyOf = ({ accountSid, callSid }: Participant) => ({ accountSid, sid: callSid })

const statusOf = (error: unknown): unknown => (error instanceof Error && 'status' in error ? error.status : null)
