import type { Random } from '../random.ts'
import { below, chance, pick, seededRandom } from '../random.ts'
import { sid } from '../rows/newRows.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { CallRow, ConferenceRow } from '../rows/rows.ts'
import { timestamp } from '../rows/timestamp.ts'
import { caller } from './caller.ts'
import { demoCredentials } from './demoRows.ts'
import { ROOM_NAMES } from './names.ts'

export interface AnimationOptions {
  /** Default 1. The same seed over the same rows makes the same things happen in the same order. */
  seed?: number
  /** Something happens every two seconds at 1, twice as often at 2. Default 1. */
  speed?: number
  /** Default the store's clock. */
  now?: () => Date
  /** Whose rooms come to life. Default the demo account. */
  accountSid?: string
}

export interface Animation {
  stop(): void
}

const PACE_MS = 2_000
const FEWEST_ROOMS = 6
const MOST_ROOMS = 16
const MOST_CALLERS = 12

/** Lets callers come and go, mute and unmute themselves, and rooms open and close. Never keeps the process alive. */
export const animate = (over: RowStore | { rows: RowStore }, options: AnimationOptions = {}): Animation => {
  const rows = 'rows' in over ? over.rows : over
  const { seed = 1, speed = 1, now = rows.now, accountSid = demoCredentials.accountSid } = options
  if (!(speed > 0)) throw new RangeError('The speed of the demo must be more than 0.')
  const scene: Scene = { rows, random: seededRandom(seed), now, accountSid, opened: 0, seed }
  const timer = setInterval(() => nextAct(scene)(), PACE_MS / speed)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

interface Scene {
  rows: RowStore
  random: Random
  now: () => Date
  accountSid: string
  /** How many rooms it opened; numbers their SIDs. */
  opened: number
  seed: number
}

const presentIn = ({ rows }: Scene, room: Readonly<ConferenceRow>): Readonly<CallRow>[] =>
  rows.callsIn(room.sid).filter(call => call.status === 'in-progress')

type Act = () => void

const nextAct = (scene: Scene): Act => {
  const { rows, random, accountSid } = scene
  const all = rows.conferencesOf(accountSid)
  const stopping = all.find(room => room.status === 'STOPPING')
  if (stopping !== undefined) return () => close(scene, stopping)
  const running = all.filter(room => room.status.startsWith('RUNNING'))
  const room = pick(random, running)
  if (room === undefined || running.length < FEWEST_ROOMS) return () => open(scene)
  if (running.length < MOST_ROOMS && chance(random, 0.06)) return () => open(scene)
  const present = presentIn(scene, room)
  const die = random()
  if (present.length === 0 || (die < 0.4 && present.length < MOST_CALLERS)) return () => join(scene, room, present)
  if (die < 0.65) return () => leave(scene, room, present)
  return die < 0.96 ? () => fidget(scene, present) : () => stop(scene, room)
}

const stamp = (scene: Scene): string => timestamp(scene.now())

const open = (scene: Scene): void => {
  const { rows, random, accountSid, seed } = scene
  scene.opened += 1
  const at = stamp(scene)
  rows.addConference({
    sid: sid('CF', `animated/${seed}/${scene.opened}`),
    account_sid: accountSid,
    friendly_name: pick(random, ROOM_NAMES) ?? null,
    status: 'RUNNING_INITIALIZING',
    master_present: false,
    date_created: at,
    date_updated: at,
  })
}

const join = (scene: Scene, room: Readonly<ConferenceRow>, present: readonly Readonly<CallRow>[]): void => {
  const { rows, random } = scene
  rows.addCall(caller(random, room, present, scene.now()))
  if (room.master_present) return
  const master_present = present.length > 0 || chance(random, 0.7)
  const status = master_present ? 'RUNNING_MODERATOR_PRESENT' : 'RUNNING_MODERATOR_ABSENT'
  rows.updateConference(room.sid, { status, master_present, date_updated: stamp(scene) })
}

const leave = (scene: Scene, room: Readonly<ConferenceRow>, present: readonly Readonly<CallRow>[]): void => {
  const { rows, random } = scene
  const leaving = present[below(random, present.length)]
  if (leaving === undefined) return
  rows.finishCall(leaving.sid, scene.now())
  if (present.length === 1 || leaving.end_conference_on_exit) stop(scene, room)
}

const fidget = (scene: Scene, present: readonly Readonly<CallRow>[]): void => {
  const { rows, random } = scene
  const call = pick(random, present)
  if (call === undefined) return
  const change = chance(random, 0.85) ? { muted: call.muted !== true } : { on_hold: call.on_hold !== true }
  rows.updateCall(call.sid, { ...change, date_updated: stamp(scene) })
}

const stop = (scene: Scene, room: Readonly<ConferenceRow>): void => {
  scene.rows.updateConference(room.sid, { status: 'STOPPING', date_updated: stamp(scene) })
}

const close = (scene: Scene, room: Readonly<ConferenceRow>): void => {
  for (const call of presentIn(scene, room)) scene.rows.finishCall(call.sid, scene.now())
  scene.rows.updateConference(room.sid, { status: 'COMPLETED', master_present: false, date_updated: stamp(scene) })
}
