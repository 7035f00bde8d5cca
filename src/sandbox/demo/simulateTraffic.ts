import type { Random } from '../random.ts'
import { chance, pick, randomInteger, seededRandom } from '../random.ts'
import { seededSid } from '../rows/newRows.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { CallRow, ConferenceRow } from '../rows/rows.ts'
import { toTimestamp } from '../rows/timestamp.ts'
import { newDemoCall } from './demoCall.ts'
import { CONFERENCE_NAMES } from './demoNames.ts'
import { demoCredentials } from './demoRows.ts'

export interface TrafficOptions {
  /** The same seed and the same rows give the same simulation. Default 1. */
  seed?: number
  /** Number of steps per two seconds. Default 1. */
  speed?: number
  /** Default: the clock of the store. */
  now?: () => Date
  /** The account of the simulated conferences. Default: the demo account. */
  accountSid?: string
}

export interface TrafficSimulation {
  stop(): void
}

const STEP_INTERVAL_MS = 2_000
const MIN_RUNNING_CONFERENCES = 6
const MAX_RUNNING_CONFERENCES = 16
const MAX_PARTICIPANTS = 12

/** Adds, mutes and removes participants, and starts and ends conferences. The timer does not keep the process alive. */
export function simulateTraffic(
  target: RowStore | { rows: RowStore },
  options: TrafficOptions = {},
): TrafficSimulation {
  const rows = 'rows' in target ? target.rows : target
  const { seed = 1, speed = 1, now = rows.now, accountSid = demoCredentials.accountSid } = options
  if (!(speed > 0)) throw new RangeError(`The speed of the demo is ${speed}: expected a number above 0.`)
  const simulation: Simulation = { rows, random: seededRandom(seed), now, accountSid, openedCount: 0, seed }
  const timer = setInterval(() => nextStep(simulation)(), STEP_INTERVAL_MS / speed)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

interface Simulation {
  rows: RowStore
  random: Random
  now: () => Date
  accountSid: string
  /** The number of started conferences, which makes each new SID unique. */
  openedCount: number
  seed: number
}

function presentIn({ rows }: Simulation, conference: Readonly<ConferenceRow>): Readonly<CallRow>[] {
  return rows.callsIn(conference.sid).filter(call => call.status === 'in-progress')
}

type Step = () => void

function nextStep(simulation: Simulation): Step {
  const { rows, random, accountSid } = simulation
  const all = rows.conferencesOf(accountSid)
  const stopping = all.find(conference => conference.status === 'STOPPING')
  if (stopping !== undefined) return () => endConference(simulation, stopping)
  const running = all.filter(conference => conference.status.startsWith('RUNNING'))
  const conference = pick(random, running)
  if (conference === undefined || running.length < MIN_RUNNING_CONFERENCES) return () => openConference(simulation)
  if (running.length < MAX_RUNNING_CONFERENCES && chance(random, 0.06)) return () => openConference(simulation)
  const present = presentIn(simulation, conference)
  const draw = random()
  if (present.length === 0 || (draw < 0.4 && present.length < MAX_PARTICIPANTS))
    return () => addParticipant(simulation, conference, present)
  if (draw < 0.65) return () => removeParticipant(simulation, conference, present)
  return draw < 0.96 ? () => toggleMuteOrHold(simulation, present) : () => stopConference(simulation, conference)
}

const timestampNow = (simulation: Simulation): string => toTimestamp(simulation.now())

function openConference(simulation: Simulation): void {
  const { rows, random, accountSid, seed } = simulation
  simulation.openedCount += 1
  const at = timestampNow(simulation)
  rows.addConference({
    sid: seededSid('CF', `animated/${seed}/${simulation.openedCount}`),
    account_sid: accountSid,
    friendly_name: pick(random, CONFERENCE_NAMES) ?? null,
    status: 'RUNNING_INITIALIZING',
    master_present: false,
    date_created: at,
    date_updated: at,
  })
}

function addParticipant(
  simulation: Simulation,
  conference: Readonly<ConferenceRow>,
  present: readonly Readonly<CallRow>[],
): void {
  const { rows, random } = simulation
  rows.addCall(newDemoCall(random, conference, present, simulation.now()))
  if (conference.master_present) return
  const master_present = present.length > 0 || chance(random, 0.7)
  const status = master_present ? 'RUNNING_MODERATOR_PRESENT' : 'RUNNING_MODERATOR_ABSENT'
  rows.updateConference(conference.sid, { status, master_present, date_updated: timestampNow(simulation) })
}

function removeParticipant(
  simulation: Simulation,
  conference: Readonly<ConferenceRow>,
  present: readonly Readonly<CallRow>[],
): void {
  const { rows, random } = simulation
  const leaving = present[randomInteger(random, present.length)]
  if (leaving === undefined) return
  rows.finishCall(leaving.sid, simulation.now())
  if (present.length === 1 || leaving.end_conference_on_exit) stopConference(simulation, conference)
}

function toggleMuteOrHold(simulation: Simulation, present: readonly Readonly<CallRow>[]): void {
  const { rows, random } = simulation
  const call = pick(random, present)
  if (call === undefined) return
  const change = chance(random, 0.85) ? { muted: call.muted !== true } : { on_hold: call.on_hold !== true }
  rows.updateCall(call.sid, { ...change, date_updated: timestampNow(simulation) })
}

function stopConference(simulation: Simulation, conference: Readonly<ConferenceRow>): void {
  simulation.rows.updateConference(conference.sid, { status: 'STOPPING', date_updated: timestampNow(simulation) })
}

function endConference(simulation: Simulation, conference: Readonly<ConferenceRow>): void {
  for (const call of presentIn(simulation, conference)) simulation.rows.finishCall(call.sid, simulation.now())
  simulation.rows.updateConference(conference.sid, {
    status: 'COMPLETED',
    master_present: false,
    date_updated: timestampNow(simulation),
  })
}
