import type { Loaders } from '../loaders/loaders.ts'
import {
  type Call,
  type Conference,
  type ConferenceKey,
  isConferenceOver,
  type Participant,
  type ParticipantKey,
} from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { CommandSender } from './commandSender.ts'
import { participantCallKey } from './participantCallKey.ts'
import { ReadAfterWrite, type ReadAfterWriteOptions } from './readAfterWrite.ts'
import {
  callEnded,
  conferenceNotFound,
  notInProgress,
  participantNotFound,
  rejected,
  type UserError,
} from './userErrors.ts'

const NOT_VISIBLE = 'Restcomm accepted the command, but does not show the change yet: read the state again later.'
const NOT_CONFIRMED = 'Restcomm accepted the command, but the new state could not be read: read the state again later.'

/**
 * Mutes and hangs up participants.
 *
 * Each command first searches the participant in the participant list of the conference, because Restcomm would execute
 * the command for any call of the account. Results are read after the command, because Restcomm's response shows the
 * state before the change. Restcomm errors are thrown only while no command has succeeded; later errors become user
 * errors, so that the result always reports the executed commands.
 */
export class ConferenceCommands {
  readonly #client: RestcommClient
  readonly #loaders: Loaders
  readonly #options: ReadAfterWriteOptions

  constructor(client: RestcommClient, loaders: Loaders, options: ReadAfterWriteOptions) {
    this.#client = client
    this.#loaders = loaders
    this.#options = options
  }

  async setMuted(key: ParticipantKey, muted: boolean) {
    const found = await this.#findParticipant(key)
    if ('code' in found) return { participant: null, userErrors: [found] }
    const { sender, state } = this.#createExecutor()
    const userError = await sender.sendOne(found, () =>
      this.#client.setMuted(found, muted, state.lateChangeListener(key.conference)),
    )
    const participants = await state.waitForParticipants(key.conference, current => {
      return userError !== null || current.get(key.callSid)?.muted !== !muted
    })
    const participant = participants?.get(key.callSid) ?? null
    if (userError !== null) return { participant, userErrors: [userError] }
    if (participants === null) return { participant, userErrors: [rejected(key, NOT_CONFIRMED)] }
    if (participant === null) return { participant, userErrors: [callEnded(key)] }
    return { participant, userErrors: participant.muted === !muted ? [rejected(key, NOT_VISIBLE)] : [] }
  }

  async hangUp(key: ParticipantKey) {
    const found = await this.#findParticipant(key)
    if ('code' in found) {
      return { call: null, conference: await this.#loaders.conference.load(key.conference), userErrors: [found] }
    }
    const { sender, state } = this.#createExecutor()
    const userError = await sender.sendOne(found, () => this.#hangUp(found, state))
    const hasEnded = (call: Call | null) => userError !== null || call === null || call.status !== 'IN_PROGRESS'
    const call = await state.waitForCall(found, hasEnded)
    const conference = await state.conferenceNow(key.conference)
    if (userError !== null) return { call, conference, userErrors: [userError] }
    if (call === null) return { call, conference, userErrors: [rejected(key, NOT_CONFIRMED)] }
    return { call, conference, userErrors: call.status === 'IN_PROGRESS' ? [rejected(key, NOT_VISIBLE)] : [] }
  }

  async muteAll(key: ConferenceKey, except: ReadonlySet<string>) {
    const loaded = await this.#loadRunningConference(key)
    if (loaded.userError !== null) return { conference: loaded.conference, muted: [], userErrors: [loaded.userError] }
    const targets = loaded.participants.filter(({ callSid }) => !except.has(callSid))
    const { sender, state } = this.#createExecutor()
    const { succeeded, userErrors } = await sender.sendAll(key, targets, target =>
      this.#client.setMuted(target, true, state.lateChangeListener(key)),
    )
    const participants = await state.waitForParticipants(key, current =>
      succeeded.every(({ callSid }) => current.get(callSid)?.muted !== false),
    )
    const muted: Participant[] = []
    for (const target of succeeded) {
      const current = participants?.get(target.callSid)
      if (current && current.muted !== false) muted.push(current)
      else if (current) userErrors.push(rejected(target, NOT_VISIBLE))
      else userErrors.push(participants === null ? rejected(target, NOT_CONFIRMED) : callEnded(target))
    }
    return { conference: await state.conferenceNow(key), muted, userErrors }
  }

  async end(key: ConferenceKey) {
    const loaded = await this.#loadRunningConference(key)
    if (loaded.userError !== null) return { conference: loaded.conference, hungUp: [], userErrors: [loaded.userError] }
    const { sender, state } = this.#createExecutor()
    const { succeeded, userErrors } = await sender.sendAll(key, loaded.participants, target =>
      this.#hangUp(target, state),
    )
    const calls = await state.waitForCallsEnded(key, succeeded)
    const hungUp: Call[] = []
    for (const target of succeeded) {
      const call = calls.get(target.callSid) ?? null
      if (call !== null && call.status !== 'IN_PROGRESS') hungUp.push(call)
      else userErrors.push(rejected(target, call === null ? NOT_CONFIRMED : NOT_VISIBLE))
    }
    return { conference: await state.conferenceNow(key), hungUp, userErrors }
  }

  #hangUp(target: Participant, state: ReadAfterWrite): Promise<void> {
    return this.#client.hangUp(
      participantCallKey(target),
      target.muted ?? false,
      state.lateChangeListener(target.conference),
    )
  }

  /** Not created in the constructor, because most GraphQL requests send no command. */
  #createExecutor() {
    const state = new ReadAfterWrite(this.#client, this.#loaders, this.#options)
    return { state, sender: new CommandSender(state) }
  }

  async #findParticipant(key: ParticipantKey): Promise<Participant | UserError> {
    const conference = await this.#loaders.conference.load(key.conference)
    if (conference === null) return conferenceNotFound(key.conference, 'participant')
    if (isConferenceOver(conference)) return notInProgress(key.conference, 'participant')
    return (await this.#loaders.participant(key)) ?? participantNotFound(key)
  }

  async #loadRunningConference(key: ConferenceKey): Promise<{
    conference: Conference | null
    participants: readonly Participant[]
    userError: UserError | null
  }> {
    const conference = await this.#loaders.conference.load(key)
    if (conference === null) return { conference, participants: [], userError: conferenceNotFound(key, 'conference') }
    if (isConferenceOver(conference)) {
      return { conference, participants: [], userError: notInProgress(key, 'conference') }
    }
    return { conference, participants: await this.#loaders.participants.load(key), userError: null }
  }
}
