import type { Loaders } from '../loaders/loaders.ts'
import {
  type Action,
  type Call,
  type ConferenceKey,
  type Decoded,
  isCallOver,
  isConferenceOver,
  isReadable,
  type Participant,
  type ParticipantKey,
} from '../model.ts'
import { type CancellationToken, raceCancellation } from '../restcomm/cancellationToken.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { asError, DecodingError, RestcommError } from '../restcomm/errors.ts'
import { pollUntil, readOrNull } from './pollUntil.ts'
import {
  callEnded,
  conferenceNotFound,
  failureToUserError,
  notIdentified,
  notInProgress,
  participantNotFound,
  rejected,
  rejectionToUserError,
  type TargetField,
  type UserError,
  wasNotExecuted,
  wasRefused,
} from './userErrors.ts'

/**
 * A change of a conference. A mutation publishes two events. `sent`: all commands have settled, even if the client has
 * disconnected meanwhile. `visible`: reads show the change, or the mutation has stopped to wait for the change.
 */
export interface MutationEvent {
  readonly type: 'sent' | 'visible'
  readonly conference: ConferenceKey
}

export type AuditedAction = 'mute' | 'unmute' | 'hangUp'

/**
 * - `executed`: Restcomm accepted the command, or the conference has no participant concerned.
 * - `refused`: not executed, because Restcomm rejected the command, the participant or conference is gone, or the request
 *   has too many commands.
 * - `failed`: not executed, because of an error before the command was sent.
 * - `unknown`: may have been executed, for example after a timeout.
 * - `forbidden`: not sent, because the client has no right to the action or no access to the account.
 */
export type AuditOutcome = 'executed' | 'refused' | 'failed' | 'unknown' | 'forbidden'

/** A command for a call, or a mutation that sent no command. */
export interface AuditRecord {
  readonly action: AuditedAction
  readonly conference: ConferenceKey
  /** Null for a mutation of a whole conference that sent no command. */
  readonly callSid: string | null
  readonly outcome: AuditOutcome
}

export interface CommandOptions {
  /** Maximum time of repeated reads until Restcomm shows the change; 0 reads once. */
  readonly settleTimeoutMs: number
  /** Cancelled when the client disconnects or the request times out. */
  readonly cancellation: CancellationToken
  readonly publish: (event: MutationEvent) => void
  /** Actions for which the client has the right. */
  readonly actions: readonly Action[]
  /** Called for each command, and for each mutation without a command. */
  readonly audit: (record: AuditRecord) => void
}

/** A command for one participant, and the rows which show its effect, by call. */
interface Command<Row> {
  readonly action: AuditedAction
  send(target: Participant): Promise<void>
  /** A deleted row is null. A row that could not be read is absent. */
  read(targets: readonly Participant[]): Promise<ReadonlyMap<string, Row | null>>
  /** An error if the value which shows the effect cannot be read. */
  showsEffect(row: Row): Decoded<boolean>
  /** The error for a target whose row was deleted. */
  missing(target: Participant): UserError
}

/** Converts or throws the error of a command without a corresponding user error. */
type OnFailure = (error: Error, target: Participant) => UserError

const NOT_VISIBLE = 'Restcomm accepted the command, but does not show the change yet: read the state again later.'
const NOT_CONFIRMED = 'Restcomm accepted the command, but the new state could not be read: read the state again later.'
const COMMAND_CONCURRENCY = 8
/** A command takes about 0.25 ms of CPU time, and a few aliases could send tens of thousands of commands. */
const MAX_COMMANDS = 2_000
const TOO_MANY_COMMANDS =
  `The command was not executed: a request sends at most ${MAX_COMMANDS} commands. Send further mutations in a request ` +
  'of their own.'

const RIGHTS: Readonly<Record<AuditedAction, Action>> = { mute: 'mute', unmute: 'mute', hangUp: 'hangup' }

/**
 * Mutes and hangs up participants, for the mutations of a request.
 *
 * Each command first searches the participant in the participant list of the conference, because Restcomm would execute
 * the command for any call of the account. Results are read after the command, because Restcomm's response shows the
 * state before the change. Restcomm errors are thrown only while no command has succeeded; later errors become user
 * errors or the error of the field `conference`, so that the result always reports the executed commands.
 */
export class ConferenceCommands {
  readonly #client: RestcommClient
  readonly #loaders: Loaders
  readonly #options: CommandOptions
  #commandsLeft = MAX_COMMANDS

  constructor(client: RestcommClient, loaders: Loaders, options: CommandOptions) {
    this.#client = client
    this.#loaders = loaders
    this.#options = options
  }

  async setMuted(key: ParticipantKey, muted: boolean) {
    const command = this.#mute(key.conference, muted)
    const found = await this.#findTarget(command.action, key)
    if ('code' in found) return { participant: null, userErrors: [found] }
    const { rows, userErrors } = await this.#execute(key.conference, [found], command, throwError)
    return { participant: rows?.get(key.callSid) ?? null, userErrors }
  }

  async hangUp(key: ParticipantKey) {
    const found = await this.#findTarget('hangUp', key)
    if ('code' in found) {
      return { call: null, conference: await this.#loaders.conference.load(key.conference), userErrors: [found] }
    }
    const read = async () => new Map([[key.callSid, await this.#client.call(callKeyOf(found))]])
    const { rows, userErrors } = await this.#execute(key.conference, [found], this.#hangUp(read), throwError)
    return { call: rows?.get(key.callSid) ?? null, conference: await this.#conferenceNow(key.conference), userErrors }
  }

  async muteAll(key: ConferenceKey, except: ReadonlySet<string>) {
    const isTarget = ({ callSid }: Participant) => !except.has(callSid)
    const { changed, ...result } = await this.#executeForAll(key, this.#mute(key, true), isTarget)
    return { ...result, mutedParticipants: changed }
  }

  async end(key: ConferenceKey) {
    const command = this.#hangUp(succeeded => this.#readCalls(key, succeeded))
    const { changed, ...result } = await this.#executeForAll(key, command, () => true)
    return { ...result, hungUp: changed }
  }

  #mute(conference: ConferenceKey, muted: boolean): Command<Participant> {
    return {
      action: muted ? 'mute' : 'unmute',
      send: target => this.#client.setMuted(target, muted),
      read: targets => this.#readParticipants(conference, targets),
      // Some servers report no mute state at all.
      showsEffect: row => (row.muted instanceof Error ? row.muted : row.muted !== !muted),
      missing: callEnded,
    }
  }

  #hangUp(read: Command<Call>['read']): Command<Call> {
    return {
      action: 'hangUp',
      send: target => this.#client.hangUp(callKeyOf(target), target.muted === true),
      read,
      showsEffect: row => (row.status instanceof Error ? row.status : isCallOver(row)),
      missing: target => rejected(target, NOT_CONFIRMED),
    }
  }

  /** Executes a command for each participant of the conference for which `isTarget` returns true. */
  async #executeForAll<Row>(key: ConferenceKey, command: Command<Row>, isTarget: (target: Participant) => boolean) {
    const found = await this.#prepare(command.action, key, null, async () => {
      const { conference, userError } = await this.#loadConference(key, 'conferenceId')
      return { conference, userError, rows: userError === null ? await this.#loaders.participants.load(key) : [] }
    })
    const { conference, userError, rows } = found
    if (userError !== null) {
      this.#audit(command.action, key, null, 'refused')
      return { conference, changed: [], userErrors: [userError] }
    }
    const targets = rows.filter(isReadable).filter(isTarget)
    if (targets.length === 0) this.#audit(command.action, key, null, 'executed')
    const skipped = rows.filter(row => row instanceof DecodingError).map(notIdentified)
    const { changed, userErrors } = await this.#execute(key, targets, command, failureToUserError)
    return { conference: await this.#conferenceNow(key), changed, userErrors: [...skipped, ...userErrors] }
  }

  /**
   * Sends a command to each target, and repeats the read until all rows show the change or the timeout expires. Returns
   * the rows by call, and the rows that changed.
   */
  async #execute<Row>(
    conference: ConferenceKey,
    targets: readonly Participant[],
    { action, send, read, showsEffect, missing }: Command<Row>,
    onFailure: OnFailure,
  ) {
    const { settleTimeoutMs, cancellation, publish } = this.#options
    const failures = await this.#send(conference, targets, action, send, onFailure)
    const succeeded = targets.filter((_target, i) => failures[i] === null)
    const userErrors = failures.filter(failure => failure !== null)
    const isSettled = (row: Row | null | undefined) => row === null || (row !== undefined && showsEffect(row) === true)
    const rows = await pollUntil(
      settleTimeoutMs,
      () => read(succeeded),
      current => succeeded.every(({ callSid }) => isSettled(current.get(callSid))),
      cancellation,
    )
    publish({ type: 'visible', conference })
    const changed: Row[] = []
    for (const target of succeeded) {
      const row = rows?.get(target.callSid)
      if (row === null) userErrors.push(missing(target))
      else if (row === undefined || showsEffect(row) instanceof Error) userErrors.push(rejected(target, NOT_CONFIRMED))
      else if (showsEffect(row) === false) userErrors.push(rejected(target, NOT_VISIBLE))
      else changed.push(row)
    }
    return { rows, changed, userErrors }
  }

  async #findTarget(action: AuditedAction, key: ParticipantKey): Promise<Participant | UserError> {
    const { conference, callSid } = key
    const found = await this.#prepare(action, conference, callSid, async () => {
      const { userError } = await this.#loadConference(conference, 'participantId')
      return userError ?? (await this.#loaders.participant(key)) ?? participantNotFound(key)
    })
    if ('code' in found) this.#audit(action, conference, callSid, 'refused')
    return found
  }

  /** Checks the right of the client before the first read. */
  async #prepare<T>(
    action: AuditedAction,
    conference: ConferenceKey,
    callSid: string | null,
    find: () => Promise<T>,
  ): Promise<T> {
    try {
      if (!this.#options.actions.includes(RIGHTS[action])) throw actionForbidden(RIGHTS[action])
      return await find()
    } catch (error) {
      const isForbidden = error instanceof RestcommError && error.failure === 'forbidden'
      this.#audit(action, conference, callSid, isForbidden ? 'forbidden' : 'failed')
      throw error
    }
  }

  #audit(action: AuditedAction, conference: ConferenceKey, callSid: string | null, outcome: AuditOutcome): void {
    this.#options.audit({ action, conference, callSid, outcome })
  }

  async #loadConference(key: ConferenceKey, field: TargetField) {
    const conference = await this.#loaders.conference.load(key)
    if (conference === null) return { conference, userError: conferenceNotFound(key, field) }
    return { conference, userError: isConferenceOver(conference) ? notInProgress(key, field) : null }
  }

  /** Sends each command once, up to the maximum. Returns null or the user error for each target. */
  async #send(
    conference: ConferenceKey,
    targets: readonly Participant[],
    action: AuditedAction,
    send: Command<unknown>['send'],
    onFailure: OnFailure,
  ): Promise<readonly (UserError | null)[]> {
    const { cancellation } = this.#options
    const limit = Math.min(targets.length, this.#commandsLeft)
    this.#commandsLeft -= limit
    for (const { callSid } of targets.slice(limit)) this.#audit(action, conference, callSid, 'refused')
    const sent: Promise<void>[] = []
    const errors = await mapConcurrent(targets.slice(0, limit), target => {
      const wasCancelled = cancellation.isCancelled
      const command = send(target)
      sent.push(command)
      const audit = (outcome: AuditOutcome) => this.#audit(action, conference, target.callSid, outcome)
      // A command that continues after a cancellation is recorded when the outcome is known.
      command.then(
        () => audit('executed'),
        error => audit(wasCancelled ? 'failed' : outcomeOf(error)),
      )
      return raceCancellation(command, cancellation).then(() => null, asError)
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
    const current = mustRead ? await readOrNull(() => this.#readParticipants(conference, targets)) : null
    return targets.map((target, i) => {
      if (i >= limit) return rejected(target, TOO_MANY_COMMANDS)
      const error = errors[i] ?? null
      if (error === null) return null
      if (isAmbiguous(error) && current?.get(target.callSid) === null) return callEnded(target)
      return rejectionToUserError(error, target) ?? onFailure(error, target)
    })
  }

  /**
   * Returns the participants by call. A participant who has left is null. A row without a valid identity can be any
   * participant, so beside such a row, a participant missing from the list has no entry.
   */
  async #readParticipants(key: ConferenceKey, targets: readonly Participant[]) {
    this.#loaders.clear()
    const rows = await this.#loaders.participants.load(key)
    const participants = new Map<string, Participant | null>()
    if (rows.every(isReadable)) for (const { callSid } of targets) participants.set(callSid, null)
    for (const row of rows) if (isReadable(row)) participants.set(row.callSid, row)
    return participants
  }

  /** Returns the calls by SID. A deleted call is null. If the read of a call fails, the call has no entry. */
  async #readCalls(key: ConferenceKey, targets: readonly Participant[]): Promise<ReadonlyMap<string, Call | null>> {
    if (targets.length === 0) return new Map()
    const list = this.#client.conferenceCalls(key)
    const { rows } = await list.read({ page: 0, size: list.maxPageSize })
    const calls = new Map<string, Call | null>(rows.filter(isReadable).map(call => [call.sid, call]))
    const missing = targets.filter(({ callSid }) => !calls.has(callSid))
    await mapConcurrent(missing, async target => {
      const found = await readOrNull(async () => ({ call: await this.#client.call(callKeyOf(target)) }))
      if (found !== null) calls.set(target.callSid, found.call)
    })
    return calls
  }

  /** Returns the error of a failed read. The executor raises the error for the field. */
  #conferenceNow(key: ConferenceKey) {
    this.#loaders.clear()
    return this.#loaders.conference.load(key).catch(asError)
  }
}

function callKeyOf({ accountSid, callSid }: Participant) {
  return { accountSid, sid: callSid }
}

/** Status 500 can mean an ended call, or an error after the execution. */
function outcomeOf(error: unknown): AuditOutcome {
  if (wasRefused(error)) return 'refused'
  return wasNotExecuted(error) ? 'failed' : 'unknown'
}

function actionForbidden(action: Action): RestcommError {
  const message =
    `These credentials do not permit the action \`${action}\`: use an API key with the right ` +
    `(\`/${action}\` in API_KEY_HASHES), or a token with the scope \`restcomm:${action}\`.`
  return new RestcommError('forbidden', message)
}

function throwError(error: Error): never {
  throw error
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
