import type { PollSource } from '../pollSource.ts'
import type { StateSink } from '../stateSink.ts'
import { Succession } from './failover.ts'
import { Silence } from './heartbeatTimeout.ts'
import type { Attempt, LastSeen, News, Seat, ToldError, Version } from './replicaBus.ts'
import { Question } from './syncRequest.ts'
import { isOlder, isSame } from './version.ts'
import { errorTold } from './wireError.ts'

interface FollowerOptions<S> {
  readonly subject: Pick<PollSource<S, never>, 'parse' | 'fillGaps'>
  readonly learner: StateSink<S>
  /** Between two looks, while things happen. Milliseconds. */
  readonly intervalMs: number
  /** The error that stands for one of Restcomm's failures; null for a failure that it does not know. */
  readonly upstreamError: (failure: string, message: string) => Error | null
  /** Null while it is being taken. */
  readonly seat: () => Seat | null
  /** This replica has to look for itself. */
  readonly onTurn: () => void
  /** What was learned is how it was at this moment, as `performance.now` has it. */
  readonly onLearned: (at: number) => void
}

/**
 * What one who follows makes of what it hears.
 *
 * It takes over the states that the leader has seen, each of them newer than the one before: each replica tells its own
 * subscribers the difference, so that nothing is told twice and nothing is left out, also if messages were lost. A state
 * that this replica has seen for itself is followed only by one that was looked for after it had asked: another could be
 * older.
 */
export class Follower<S> {
  readonly #options: FollowerOptions<S>
  readonly #question: Question
  readonly #silence: Silence
  readonly #succession: Succession
  #isFollowing = false
  /** Of the state that was heard; null where this replica has seen for itself what it knows. */
  #version: Version | null = null
  /** Whether what is known is what this replica has seen for itself. */
  #isOwn = false
  #isImpatient = false
  /** Whether this replica looks in the stead of a leader that cannot. */
  #isTrying = false
  #hearing: Promise<void> = Promise.resolve()

  constructor(options: FollowerOptions<S>) {
    this.#options = options
    this.#succession = new Succession(options.intervalMs, () => this.#try())
    this.#question = new Question(
      (question, atOnce) => options.seat()?.ask(question, atOnce),
      () => this.#lookForItself(),
    )
    this.#silence = new Silence(options.intervalMs, () => this.#question.ask(this.#isOwn))
  }

  /** Whether this replica looks for itself, since nobody answers. */
  get isImpatient(): boolean {
    return this.#isImpatient
  }

  async begin(): Promise<void> {
    const { subject, learner, intervalMs, onLearned } = this.#options
    this.#isFollowing = true
    this.#version = null
    this.#isOwn = learner.state !== null
    this.#silence.begin()
    if (this.#isOwn) return this.#question.ask(true)
    const last = await this.#lastSeen()
    if (!this.#isFollowing || learner.state !== null) return
    const state = last === null || last.ageMs > intervalMs ? null : subject.parse(last.state)
    if (last === null || state === null) return this.#question.ask(false)
    this.#learn(last.version, state)
    onLearned(performance.now() - last.ageMs)
  }

  end(): void {
    this.#isFollowing = this.#isImpatient = this.#isTrying = false
    this.#succession.close()
    this.#silence.end()
    this.#question.settle()
  }

  /** Asks for how it is, if the leader's last look is old. */
  ask(): void {
    if (this.#isFollowing) this.#question.ask(false)
  }

  /** Asks for what may not have been heard. */
  catchUp(): void {
    if (!this.#isFollowing) return
    // Of one that is open, the answer may be lost.
    this.#question.settle()
    this.#question.ask(this.#isOwn)
  }

  hear(news: News): void {
    this.#heard()
    // One after the other, since one of them may have to be fetched.
    this.#hearing = this.#hearing.then(() => this.#take(news))
  }

  hearError(error: ToldError): void {
    this.#heard()
    this.#hearing = this.#hearing.then(() => {
      const { learner, upstreamError } = this.#options
      if (this.#isFollowing) learner.emitError(errorTold(error, upstreamError), error.lasts)
    })
  }

  hearAttempt(attempt: Exclude<Attempt, 'can'>): void {
    if (!this.#isFollowing) return
    this.#heard()
    if (attempt === 'failed') this.#succession.leaderFailed()
    else this.#succession.anotherTries()
  }

  /** This replica has looked for itself, and is about to learn what it saw. */
  looked(): void {
    if (!this.#isFollowing) return
    this.#isOwn = true
    this.#isTrying = false
    if (this.#succession.isOpen) this.#options.seat()?.sayAttempt('can')
    // What is answered to a question from before this look may be older than it.
    this.#version = null
    this.#question.renew()
  }

  /**
   * This replica could not look. False where that is no worse than before: that the leader cannot look is the leader's to
   * tell.
   */
  failed(): boolean {
    const isTrying = this.#isTrying
    this.#isTrying = false
    return !isTrying || this.#isImpatient
  }

  /** There is somebody who looks, or tries to. */
  #heard(): void {
    if (this.#isFollowing) this.#silence.begin()
  }

  #try(): void {
    // Who looks for itself will say so, too.
    if (this.#isImpatient) return
    this.#options.seat()?.sayAttempt('tries')
    this.#isTrying = true
    this.#options.onTurn()
  }

  /** Nobody answers. */
  #lookForItself(): void {
    this.#isImpatient = true
    this.#options.onTurn()
  }

  async #lastSeen(): Promise<LastSeen | null> {
    return (await this.#options.seat()?.lastSeen()) ?? null
  }

  async #take(news: News): Promise<void> {
    if (!this.#isFollowing) return
    this.#succession.close()
    // Whatever its number, the answer was looked for after the question, and so after all that was known then.
    const isAnswer = this.#question.isAmong(news.answers)
    if (this.#isOwn && !isAnswer) return
    if (isOlder(news.version, this.#version) && !isAnswer) {
      // It may come late; or Redis' clock, which terms are told by, was put back.
      this.#question.ask(true)
      return
    }
    if (news.state !== undefined) {
      if (!(await this.#takeOver(news.version, news.state))) return
    } else if (isSame(news.version, this.#version)) {
      this.#options.learner.touch()
    } else {
      const { learner } = this.#options
      const before = learner.state
      const last = await this.#lastSeen()
      // What this replica has seen for itself meanwhile is newer.
      if (!this.#isFollowing || learner.state !== before || last === null) return
      if (isOlder(last.version, this.#version) && !isAnswer) return
      if (!(await this.#takeOver(last.version, last.state))) return
    }
    this.#isImpatient = false
    this.#question.settle()
    this.#options.onLearned(performance.now())
  }

  /** False where it was not understood, or is not wanted any more. */
  async #takeOver(version: Version, value: unknown): Promise<boolean> {
    const { subject, learner } = this.#options
    const heard = subject.parse(value)
    if (heard === null) {
      // No answer may be understood either: after a question that stays open this replica looks for itself.
      this.#question.ask(false)
      return false
    }
    const before = learner.state
    const completing = before === null ? null : (subject.fillGaps?.(before, heard) ?? null)
    if (completing === null) {
      this.#learn(version, heard)
      return true
    }
    const { state, isComplete } = await completing
    // What this replica has seen for itself meanwhile is newer.
    if (!this.#isFollowing || learner.state !== before) return false
    // What is of no version is taken over anew with whatever is heard next.
    this.#learn(isComplete ? version : null, state)
    return true
  }

  #learn(version: Version | null, state: S): void {
    this.#version = version
    this.#isOwn = false
    this.#options.learner.applyState(state)
  }
}
