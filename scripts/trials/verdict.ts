/** Entries of a watched resource: the participants of a conference, or the conferences of an account. */
export type State = ReadonlyMap<string, string>

/** A received event, reduced to the effect on the entries. */
export type ReceivedEvent = { readonly atMs: number } & (
  | { readonly kind: 'snapshot'; readonly entries: State }
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'remove'; readonly key: string }
)

/** Returns equal texts for equal states. */
export function fingerprint(state: State): string {
  return Array.from(state, ([key, value]) => `${key}=${value}`)
    .toSorted()
    .join()
}

/** Applies an event. Returns false if the event changes nothing. */
export function applyEvent(state: Map<string, string>, event: ReceivedEvent): boolean {
  switch (event.kind) {
    case 'snapshot': {
      if (state.size > 0 && fingerprint(state) === fingerprint(event.entries)) return false
      state.clear()
      for (const [key, value] of event.entries) state.set(key, value)
      return true
    }
    case 'put': {
      const isChange = state.get(event.key) !== event.value
      state.set(event.key, event.value)
      return isChange
    }
    case 'remove':
      return state.delete(event.key)
  }
}

/** All states of one resource, oldest first. The index of a state is the version. */
export class Timeline {
  readonly #times: number[] = []
  readonly #versions = new Map<string, number>()

  /** Throws if the state occurred before, because a repeated state would hide a lost or an old event. */
  record(atMs: number, state: State): void {
    const text = fingerprint(state)
    if (this.#versions.has(text)) throw new Error(`The state occurs twice in the timeline: ${text}.`)
    this.#versions.set(text, this.#times.length)
    this.#times.push(atMs)
  }

  get lastVersion(): number {
    return this.#times.length - 1
  }

  versionOf(state: State): number | undefined {
    return this.#versions.get(fingerprint(state))
  }

  timeOf(version: number): number {
    return this.#times[version] ?? Number.POSITIVE_INFINITY
  }
}

/**
 * `lost`: the replayed events lead to a state which the resource never had, or end before the last state.
 * `older`: an older state followed a newer state. `doubled`: an event changed nothing.
 */
export interface Fault {
  readonly kind: 'lost' | 'older' | 'doubled'
  readonly atMs: number
  readonly detail: string
}

/** A period in which the replica of a subscriber could not run. Gaps do not include such periods. */
export interface Pause {
  readonly fromMs: number
  readonly untilMs: number
}

export interface Judgement {
  /** End of the observation. */
  readonly endMs: number
  /** Whether the replica of the subscriber was killed, so that the last state cannot arrive. */
  readonly isCutShort?: boolean
  readonly pauses?: readonly Pause[]
}

export interface Verdict {
  readonly faults: readonly Fault[]
  /** Longest time between a change and the arrival at the subscriber. */
  readonly gapMs: number
  /** Time of the change with the longest gap. */
  readonly gapSinceMs: number
}

/**
 * Replays the events of a subscriber and compares each state with the timeline. Events of one poll lead from one
 * version to a later version, and each such step contains at most one event per entry. Within a step, the replayed
 * state need not exist in the timeline.
 */
export function judge(timeline: Timeline, events: readonly ReceivedEvent[], judgement: Judgement): Verdict {
  const { endMs, isCutShort = false, pauses = [] } = judgement
  const state = new Map<string, string>()
  const faults: Fault[] = []
  let version = -1
  let gapMs = 0
  let gapSinceMs = 0
  const noteArrivals = (untilVersion: number, atMs: number): void => {
    for (let next = version + 1; next <= untilVersion; next++) {
      const changeMs = timeline.timeOf(next)
      const delayMs = atMs - changeMs - pausedMs(pauses, changeMs, atMs)
      if (delayMs > gapMs) {
        gapMs = delayMs
        gapSinceMs = changeMs
      }
    }
  }

  /** Entries changed since `version` was reached. */
  const changedKeys = new Set<string>()
  let isReported = false
  let hasOlderState = false
  for (const event of events) {
    if (!applyEvent(state, event)) {
      faults.push({ kind: 'doubled', atMs: event.atMs, detail: `${describe(event)} changes nothing` })
      continue
    }
    const found = timeline.versionOf(state)
    const isKnown = found !== undefined && timeline.timeOf(found) <= event.atMs
    if (isKnown && found < version) hasOlderState = true
    const isRepeatedKey = event.kind === 'snapshot' ? !isKnown || hasOlderState : changedKeys.has(event.key)
    if (isRepeatedKey && !isReported) {
      const kind = hasOlderState ? 'older' : 'lost'
      faults.push({ kind, atMs: event.atMs, detail: `${describe(event)} after version ${version}` })
      isReported = true
    }
    if (event.kind !== 'snapshot') changedKeys.add(event.key)
    if (isKnown && found >= version) {
      // The first snapshot arrives when the subscription begins; the changes before had no subscriber.
      if (version >= 0) noteArrivals(found, event.atMs)
      version = found
      changedKeys.clear()
      isReported = false
      hasOlderState = false
    }
  }

  const { lastVersion } = timeline
  if (!isCutShort && timeline.versionOf(state) !== lastVersion) {
    noteArrivals(lastVersion, endMs)
    const kind = hasOlderState ? 'older' : 'lost'
    faults.push({ kind, atMs: endMs, detail: `the events end with version ${version} of ${lastVersion}` })
  }
  return { faults, gapMs, gapSinceMs }
}

function pausedMs(pauses: readonly Pause[], fromMs: number, untilMs: number): number {
  return pauses
    .map(pause => Math.min(pause.untilMs, untilMs) - Math.max(pause.fromMs, fromMs))
    .reduce((sum, overlapMs) => sum + Math.max(0, overlapMs), 0)
}

function describe(event: ReceivedEvent): string {
  switch (event.kind) {
    case 'snapshot':
      return `snapshot of ${event.entries.size} entries`
    case 'put':
      return `put ${event.key} ${event.value}`
    case 'remove':
      return `remove ${event.key}`
  }
}
