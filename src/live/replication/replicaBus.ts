/** What a replica is among those that watch the same: it looks for itself, for all of them, or is told. */
export type Role = 'alone' | 'leads' | 'follows'

/** What was seen, and when: later is larger, whichever replica saw it. */
export type Version = readonly [term: number, look: number]

/** What the replica that looks tells the others. */
export interface News {
  readonly version: Version
  /** The state as JSON has it; absent where it is that of the version before. */
  readonly state?: unknown
  /** The questions that this look came after. */
  readonly answers: readonly string[]
}

/** An error that subscribers are told, without anything that is this process's own. */
export interface ToldError {
  /** Restcomm's failure or the error's code; null for one that is nobody's business. */
  readonly failure: string | null
  readonly code: string | null
  readonly message: string
  /** Looking again is of no use. */
  readonly lasts: boolean
}

/**
 * What is said while whoever leads cannot look: by itself, that a look failed; by one who follows, that it tries, and that
 * it can look.
 */
export type Attempt = 'failed' | 'tries' | 'can'

/** A replica's part in a watch, as the exchange sees it. */
export interface Member {
  /** Whether its last look failed. While it leads, who says that it can look is handed the lead. */
  readonly isFailing: boolean
  /** `term` orders the looks of whoever leads after those of whoever led before. */
  assume(role: Role, term: number): void
  hear(news: News): void
  hearError(error: ToldError): void
  hearAttempt(attempt: Exclude<Attempt, 'can'>): void
  /** Somebody who follows wants to know how it is: at once, or if the last look is old. Answer with a look after this. */
  asked(question: string, atOnce: boolean): void
  /** For a moment nothing could be said or heard. */
  missed(): void
}

/** The last that was seen of a watch, by whichever replica. */
export interface LastSeen {
  readonly version: Version
  readonly state: unknown
  /** Since the look. Milliseconds. */
  readonly ageMs: number
}

/** A replica's place in a watch. Nothing here is waited for longer than a moment, and nothing fails. */
export interface Seat {
  /** Counts only while this replica leads. `text` is the state's JSON; `isNew` is whether it differs from the last one. */
  publish(version: Version, text: string, isNew: boolean, answers: readonly string[]): void
  /** Counts only while this replica leads. */
  publishError(error: ToldError): void
  sayAttempt(attempt: Attempt): void
  ask(question: string, atOnce: boolean): void
  lastSeen(): Promise<LastSeen | null>
  /** Another takes over at once, if this replica led. */
  leave(): void
}

/** Where the replicas that watch the same find who looks, and tell each other what is seen. */
export interface Exchange {
  /** `name` is the same for the same watch and credentials; `keepMs` is how long what was seen last is kept. */
  join(name: string, keepMs: number, member: Member): Seat
  /** Something has been done to these subjects: all who look at one of them look at once, on every other replica. */
  nudge(subjects: readonly string[]): void
  /** Told of what was done on other replicas: no subjects where that was not heard, and it can be anything. */
  onNudge(listener: (subjects: readonly string[]) => void): void
}
