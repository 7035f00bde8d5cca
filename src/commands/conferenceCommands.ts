import type { Loaders } from '../loaders/loaders.ts'
import {
  type Call,
  type CallKey,
  type Conference,
  type ConferenceKey,
  isConferenceOver,
  type Participant,
  type ParticipantKey,
} from '../model.ts'
import { type CancellationToken, raceCancellation } from '../restcomm/cancellationToken.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { RestcommError } from '../restcomm/errors.ts'
import { pollUntil, readOrNull } from './pollUntil.ts'
import {
  callEnded,
  conferenceNotFound,
  failureToUserError,
  notInProgress,
  participantNotFound,
  rejected,
  rejectionToUserError,
  type TargetField,
  type UserError,
} from './userErrors.ts'

/**
 * A change of a conference. A mutation publishes two events. `sent`: all commands have settled, even if the client has
 * disconnected meanwhile. `visible`: reads show the change, or the mutation has stopped to wait for the change.
 */
export interface MutationEvent {
  readonly type: 'sent' | 'visible'
  readonly conference: ConferenceKey
}

export interface CommandOptions {
  /** Maximum time of repeated reads until Restcomm shows the change; 0 reads once. */
  readonly settleTimeoutMs: number
  /** Cancelled when the client disconnects or the request times out. */
  readonly cancellation: CancellationToken
  readonly publish: (event: MutationEvent) => void
}

type Participants = ReadonlyMap<string, Participant>

const NOT_VISIBLE = 'Restcomm accepted the command, but does not show the change yet: read the state again later.'
const NOT_CONFIRMED = 'Restcomm accepted the command, but the new state could not be read: read the state again later.'
const COMMAND_CONCURRENCY = 8

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
  readonly #options: CommandOptions

  constructor(client: RestcommClient, loaders: Loaders, options: CommandOptions) {
    this.#client = client
    this.#loaders = loaders
    this.#options = options
  }

  async setMuted(key: ParticipantKey, muted: boolean) {
    const found = await this.#findParticipant(key)
    if ('code' in found) return { participant: null, userErrors: [found] }
    const userError = await this.#sendOne(found, () => this.#client.setMuted(found, muted))
    const participants = await this.#waitUntil(
      key.conference,
      () => this.#readParticipants(key.conference),
      current => userError !== null || current.get(key.callSid)?.muted !== !muted,
    )
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
    const userError = await this.#sendOne(found, () => this.#hangUp(found))
    const call = await this.#waitUntil(
      key.conference,
      () => this.#client.call(callKeyOf(found)),
      current => userError !== null || current?.status !== 'IN_PROGRESS',
    )
    const conference = await this.#conferenceNow(key.conference)
    if (userError !== null) return { call, conference, userErrors: [userError] }
    if (call === null) return { call, conference, userErrors: [rejected(key, NOT_CONFIRMED)] }
    return { call, conference, userErrors: call.status === 'IN_PROGRESS' ? [rejected(key, NOT_VISIBLE)] : [] }
  }

  async muteAll(key: ConferenceKey, except: ReadonlySet<string>) {
    const { conference, participants: all, userError } = await this.#loadRunningConference(key)
    if (userError !== null) return { conference, muted: [], userErrors: [userError] }
    const targets = all.filter(({ callSid }) => !except.has(callSid))
    const { succeeded, userErrors } = await this.#sendAll(key, targets, target => this.#client.setMuted(target, true))
    const participants = await this.#waitUntil(
      key,
      () => this.#readParticipants(key),
      current => succeeded.every(({ callSid }) => current.get(callSid)?.muted !== false),
    )
    const muted: Participant[] = []
    for (const target of succeeded) {
      const current = participants?.get(target.callSid)
      if (current && current.muted !== false) muted.push(current)
      else if (current) userErrors.push(rejected(target, NOT_VISIBLE))
      else userErrors.push(participants === null ? rejected(target, NOT_CONFIRMED) : callEnded(target))
    }
    return { conference: await this.#conferenceNow(key), muted, userErrors }
  }

  async end(key: ConferenceKey) {
    const { conference, participants, userError } = await this.#loadRunningConference(key)
    if (userError !== null) return { conference, hungUp: [], userErrors: [userError] }
    const { succeeded, userErrors } = await this.#sendAll(key, participants, target => this.#hangUp(target))
    const calls = await this.#waitUntil(
      key,
      () => this.#readCalls(key, succeeded),
      current =>
        succeeded.every(({ callSid }) => current.has(callSid) && current.get(callSid)?.status !== 'IN_PROGRESS'),
    )
    const hungUp: Call[] = []
    for (const target of succeeded) {
      const call = calls?.get(target.callSid) ?? null
      if (call !== null && call.status !== 'IN_PROGRESS') hungUp.push(call)
      else userErrors.push(rejected(target, call === null ? NOT_CONFIRMED : NOT_VISIBLE))
    }
    return { conference: await this.#conferenceNow(key), hungUp, userErrors }
  }

  #hangUp(target: Participant): Promise<void> {
    return this.#client.hangUp(callKeyOf(target), target.muted ?? false)
  }

  async #findParticipant(key: ParticipantKey): Promise<Participant | UserError> {
    const { userError } = await this.#loadConference(key.conference, 'participantId')
    return userError ?? (await this.#loaders.participant(key)) ?? participantNotFound(key)
  }

  async #loadRunningConference(key: ConferenceKey) {
    const loaded = await this.#loadConference(key, 'conferenceId')
    return { ...loaded, participants: loaded.userError === null ? await this.#loaders.participants.load(key) : [] }
  }

  async #loadConference(key: ConferenceKey, field: TargetField) {
    const conference = await this.#loaders.conference.load(key)
    if (conference === null) return { conference, userError: conferenceNotFound(key, field) }
    return { conference, userError: isConferenceOver(conference) ? notInProgress(key, field) : null }
  }

  /** Returns null on success. If no user error corresponds to the error of the command, throws the error. */
  async #sendOne(target: Participant, send: () => Promise<void>): Promise<UserError | null> {
    const [failure = null] = await this.#send(target.conference, [target], send)
    if (failure instanceof Error) throw failure
    return failure
  }

  /** Never throws the error of a command, because the result must list the executed commands. */
  async #sendAll(key: ConferenceKey, targets: readonly Participant[], send: (target: Participant) => Promise<void>) {
    const failures = await this.#send(key, targets, send)
    const succeeded = targets.filter((_target, i) => failures[i] === null)
    const userErrors = targets.flatMap((target, i) => {
      const failure = failures[i] ?? []
      return failure instanceof Error ? failureToUserError(failure, target) : failure
    })
    return { succeeded, userErrors }
  }

  /** Sends each command once. Returns for each target null on success, the user error, or an error without user error. */
  async #send(
    conference: ConferenceKey,
    targets: readonly Participant[],
    send: (target: Participant) => Promise<void>,
  ): Promise<readonly (UserError | Error | null)[]> {
    const { cancellation } = this.#options
    const sent: Promise<void>[] = []
    const errors = await mapConcurrent(targets, target => {
      const command = send(target)
      sent.push(command)
      return errorOf(raceCancellation(command, cancellation))
    })
    const published = Promise.allSettled(sent).then(() => {
      this.#loaders.clear()
      this.#options.publish({ type: 'sent', conference })
    })
    // After a cancellation, commands can still be in flight.
    if (!cancellation.isCancelled) await published
    // Status 500 means an ended call or an internal error. The participant list does not contain an ended call.
    const isAmbiguous = (error: Error) => error instanceof RestcommError && error.status === 500
    const mustRead = errors.some(error => error !== null && isAmbiguous(error))
    const current = mustRead ? await readOrNull(() => this.#readParticipants(conference)) : null
    return targets.map((target, i) => {
      const error = errors[i] ?? null
      if (error === null) return null
      if (isAmbiguous(error) && current?.has(target.callSid) === false) return callEnded(target)
      return rejectionToUserError(error, target) ?? error
    })
  }

  /** Repeats `read` until the change shows or the timeout expires. Returns null if all reads failed. */
  async #waitUntil<T>(
    conference: ConferenceKey,
    read: () => Promise<T>,
    isVisible: (result: T) => boolean,
  ): Promise<T | null> {
    const { settleTimeoutMs, cancellation, publish } = this.#options
    const result = await pollUntil(settleTimeoutMs, read, isVisible, cancellation)
    publish({ type: 'visible', conference })
    return result
  }

  async #readParticipants(key: ConferenceKey): Promise<Participants> {
    this.#loaders.clear()
    return new Map((await this.#loaders.participants.load(key)).map(participant => [participant.callSid, participant]))
  }

  /** Returns the calls by SID. A deleted call is null. If the read of a call fails, the call has no entry. */
  async #readCalls(key: ConferenceKey, targets: readonly Participant[]): Promise<ReadonlyMap<string, Call | null>> {
    if (targets.length === 0) return new Map()
    const list = this.#client.conferenceCalls(key)
    const { rows } = await list.readPage({ page: 0, size: list.maxPageSize })
    const calls = new Map<string, Call | null>(rows.map(call => [call.sid, call]))
    const missing = targets.filter(({ callSid }) => !calls.has(callSid))
    await mapConcurrent(missing, async target => {
      const found = await readOrNull(async () => ({ call: await this.#client.call(callKeyOf(target)) }))
      if (found !== null) calls.set(target.callSid, found.call)
    })
    return calls
  }

  #conferenceNow(key: ConferenceKey): Promise<Conference | null> {
    this.#loaders.clear()
    return readOrNull(() => this.#loaders.conference.load(key))
  }
}

function callKeyOf({ accountSid, callSid }: Participant): CallKey {
  return { accountSid, sid: callSid }
}

async function errorOf(command: Promise<void>): Promise<Error | null> {
  try {
    await command
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Maps at most `COMMAND_CONCURRENCY` items at the same time. The results have the order of `items`. */
async function mapConcurrent<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = new Array(items.length)
  const remaining = items.entries()
  const worker = async () => {
    for (const [i, item] of remaining) results[i] = await map(item)
  }
  await Promise.all(Array.from({ length: Math.min(COMMAND_CONCURRENCY, items.length) }, worker))
  return results
}
