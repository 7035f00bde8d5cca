import { Poller, type PollOutcome } from '../poller.ts'
import type { PollSource } from '../pollSource.ts'
import type { StateSink } from '../stateSink.ts'
import { Follower } from './follower.ts'
import { Lead } from './leader.ts'
import type { Attempt, Member, News, Role, Seat, ToldError } from './replicaBus.ts'
import { toldError } from './wireError.ts'

/**
 * Where nothing could be said or heard for a moment, watches catch up within so long, and not all at the same time.
 * Milliseconds.
 */
const CATCHING_UP = 1_000

export interface LooksOptions<S> {
  readonly subject: Pick<PollSource<S, never>, 'poll' | 'parse' | 'fillGaps'>
  readonly learner: StateSink<S>
  /** Between two looks, while things happen. Milliseconds. */
  readonly intervalMs: number
  /** Takes a seat among the replicas that watch the same; null where there are none. */
  readonly join: ((member: Member) => Seat) | null
  /** The error that stands for one of Restcomm's failures; null for a failure that it does not know. */
  readonly upstreamError: (failure: string, message: string) => Error | null
}

/** Looks at a subject again and again, and tells the other replicas; or follows the replica that does. */
export class Looks<S> implements Member {
  readonly #options: LooksOptions<S>
  readonly #poller: Poller
  readonly #seat: Seat | null
  /** Null where there are no others. */
  readonly #lead: Lead<S> | null
  readonly #follower: Follower<S>
  #role: Role | null = null
  /** What another replica had seen before this one began to lead. */
  #seed: S | null = null
  /** While that is being read. */
  #seeding: Promise<void> | null = null
  #isFailing = false
  /** When the last look that succeeded was begun. */
  #lookedAt = Number.NEGATIVE_INFINITY
  #onLooked: (() => void)[] = []
  #catchingUp: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: LooksOptions<S>) {
    const { subject, learner, intervalMs, upstreamError } = options
    this.#options = options
    this.#poller = new Poller(() => this.#look(), intervalMs)
    this.#follower = new Follower<S>({
      subject,
      learner,
      intervalMs,
      upstreamError,
      seat: () => this.#seat,
      onTurn: () => this.#poller.pollNow(),
      onLearned: at => this.#learned(at),
    })
    this.#seat = options.join?.(this) ?? null
    this.#lead = this.#seat && new Lead(this.#seat)
    if (this.#seat === null) this.assume('alone', 0)
  }

  get isFailing(): boolean {
    return this.#isFailing
  }

  /** Something has just been done: whoever looks does so at once. */
  now(): void {
    if (this.#role === 'alone' || this.#role === 'leads' || this.#follower.isImpatient) this.#poller.pollNow()
  }

  /** Resolves once there was a look, if the last one is old. However many wait, they share one. */
  async refresh(): Promise<void> {
    if (this.#stopped || performance.now() - this.#lookedAt <= this.#options.intervalMs) return
    const looked = new Promise<void>(resolve => this.#onLooked.push(resolve))
    this.#follower.ask()
    this.now()
    await looked
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    clearTimeout(this.#catchingUp)
    this.#poller.stop()
    this.#follower.end()
    this.#seat?.leave()
    this.#looked()
  }

  assume(role: Role, term: number): void {
    if (this.#stopped) return
    this.#role = role
    this.#isFailing = false
    this.#follower.end()
    if (role !== 'leads') this.#lead?.end()
    if (role === 'leads') void this.#beginLead(term)
    else if (role === 'follows') this.#follow()
    else this.#poller.pollNow()
  }

  asked(question: string, atOnce: boolean): void {
    if (this.#role !== 'leads' || this.#stopped) return
    const isRecent = performance.now() - this.#lookedAt <= this.#options.intervalMs
    const { state } = this.#options.learner
    if (!atOnce && isRecent && state !== null) {
      // Nobody else's: others may wait for a look that begins after they have asked.
      this.#lead?.publish(state, [question])
    } else if (this.#lead?.ask(question)) {
      this.#poller.pollNow()
    }
  }

  missed(): void {
    if (this.#stopped) return
    clearTimeout(this.#catchingUp)
    this.#catchingUp = setTimeout(() => this.#catchUp(), CATCHING_UP * Math.random())
  }

  #catchUp(): void {
    if (this.#role === 'leads') this.#poller.pollNow()
    else this.#follower.catchUp()
  }

  hear(news: News): void {
    this.#follower.hear(news)
  }

  hearError(error: ToldError): void {
    this.#follower.hearError(error)
  }

  hearAttempt(attempt: Exclude<Attempt, 'can'>): void {
    this.#follower.hearAttempt(attempt)
  }

  /** Begins where the others were, so that what has happened since is told to them as a difference. */
  async #beginLead(term: number): Promise<void> {
    this.#lead?.begin(term)
    if (this.#options.learner.state === null) {
      this.#seeding = this.#readSeed()
      await this.#seeding
      this.#seeding = null
    }
    if (this.#role === 'leads') this.#poller.pollNow()
  }

  async #readSeed(): Promise<void> {
    const last = (await this.#seat?.lastSeen()) ?? null
    if (last !== null) this.#seed = this.#options.subject.parse(last.state)
  }

  #follow(): void {
    this.#poller.pause()
    void this.#follower.begin()
  }

  /** From another replica, which looked at that moment. */
  #learned(at: number): void {
    this.#lookedAt = at
    this.#poller.pause()
    this.#looked()
  }

  async #look(): Promise<PollOutcome> {
    const { subject, learner } = this.#options
    if (this.#seeding !== null) await this.#seeding
    const began = performance.now()
    const before = learner.state
    const answers = this.#lead?.asked ?? []
    try {
      const state = await subject.poll(before ?? this.#seed)
      // What was heard meanwhile is newer.
      if (learner.state !== before || this.#stopped) return 'unchanged'
      this.#lookedAt = began
      this.#isFailing = false
      this.#seed = null
      this.#follower.looked()
      const hasHappened = learner.applyState(state)
      if (this.#role === 'leads') this.#lead?.publish(state, answers)
      return hasHappened ? 'changed' : 'unchanged'
    } catch (error) {
      // Given up, which is nobody's failure.
      if (this.#stopped) return 'unchanged'
      this.#fail(error instanceof Error ? error : new Error(String(error)))
      return 'failed'
    } finally {
      // Whoever follows looks again when nobody answers, and not before an answer could be there.
      if (this.#role === 'follows') this.#poller.pause()
      this.#looked()
    }
  }

  #fail(error: Error): void {
    this.#isFailing = true
    if (!this.#follower.failed()) return
    const { learner } = this.#options
    const outcome = learner.classifyError(error, this.#seed)
    if (this.#role === 'leads' && outcome !== 'fatal') this.#seat?.sayAttempt('failed')
    if (outcome === 'suppress') return
    if (this.#role === 'leads') this.#seat?.publishError(toldError(error, outcome === 'fatal'))
    learner.emitError(error, outcome === 'fatal')
  }

  #looked(): void {
    for (const tell of this.#onLooked.splice(0)) tell()
  }
}
