import type { Attempt, LastSeen, Member, News, Role, Seat, ToldError, Version } from './exchange.ts'
import { Lead } from './lead.ts'
import { type Outcome, Poller } from './poller.ts'
import { Question } from './question.ts'
import { Silence } from './silence.ts'
import type { Subject } from './subject.ts'
import { Succession } from './succession.ts'
import { errorTold, toldError } from './toldError.ts'
import { isOlder, isSame } from './versions.ts'

/** What looks are for. */
export interface Learner<S> {
  /** Null before the first. */
  readonly state: S | null
  /** How it is now; true if something has happened since the last one. */
  learn(state: S): boolean
  /** Another replica has looked, and it is as it was. */
  confirm(): void
  /**
   * A look failed: whether subscribers are to be told, and whether looking again is of no use. `seen` is what another
   * replica had seen before this one began to lead.
   */
  judge(error: Error, seen: S | null): 'unsaid' | 'told' | 'lasts'
  tell(error: Error, lasts: boolean): void
}

/**
 * Where nothing could be said or heard for a moment, watches catch up within so long, and not all at the same time.
 * Milliseconds.
 */
const CATCHING_UP = 1_000

export interface LooksOptions<S> {
  readonly subject: Pick<Subject<S, never>, 'look' | 'revive' | 'complete'>
  readonly learner: Learner<S>
  /** Between two looks, while things happen. Milliseconds. */
  readonly intervalMs: number
  /** Takes a seat among the replicas that watch the same; null where there are none. */
  readonly join: ((member: Member) => Seat) | null
  /** The error that stands for one of Restcomm's failures; null for a failure that it does not know. */
  readonly upstreamError: (failure: string, message: string) => Error | null
}

/**
 * Looks at a subject again and again, or hears from the replica that does.
 *
 * Whoever follows takes over the states that the leader has seen, each of them newer than the one before: each replica
 * tells its own subscribers the difference, so that nothing is told twice and nothing is left out, also if messages were
 * lost. A state that this replica has seen for itself is followed only by one that was looked for after it had asked:
 * another could be older.
 */
export class Looks<S> implements Member {
  readonly #options: LooksOptions<S>
  readonly #poller: Poller
  readonly #seat: Seat | null
  /** Null where there are no others. */
  readonly #lead: Lead<S> | null
  readonly #succession: Succession
  #role: Role | null = null
  /** Of the state that was heard; null where this replica has seen for itself what it knows. */
  #version: Version | null = null
  /** What another replica had seen before this one began to lead. */
  #seed: S | null = null
  /** While that is being read. */
  #seeding: Promise<void> | null = null
  /** Whether what is known is what this replica has seen for itself. */
  #isOwn = false
  readonly #question: Question
  readonly #silence: Silence
  /** Whether this replica follows, and looks for itself since nobody answers. */
  #isImpatient = false
  /** Whether this replica looks in the stead of a leader that cannot. */
  #isTrying = false
  #isFailing = false
  #hearing: Promise<void> = Promise.resolve()
  /** When the last look that succeeded was begun. */
  #lookedAt = Number.NEGATIVE_INFINITY
  #onLooked: (() => void)[] = []
  #catchingUp: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: LooksOptions<S>) {
    this.#options = options
    this.#poller = new Poller(() => this.#look(), options.intervalMs)
    this.#succession = new Succession(options.intervalMs, () => this.#try())
    this.#question = new Question(
      (question, atOnce) => this.#seat?.ask(question, atOnce),
      () => this.#lookForItself(),
    )
    this.#silence = new Silence(options.intervalMs, () => this.#question.ask(this.#isOwn))
    this.#seat = options.join?.(this) ?? null
    this.#lead = this.#seat && new Lead(this.#seat)
    if (this.#seat === null) this.assume('alone', 0)
  }

  get isFailing(): boolean {
    return this.#isFailing
  }

  /** Something has just been done: whoever looks does so at once. */
  now(): void {
    if (this.#role === 'alone' || this.#role === 'leads' || this.#isImpatient) this.#poller.now()
  }

  /** Resolves once there was a look, if the last one is old. However many wait, they share one. */
  async refresh(): Promise<void> {
    if (this.#stopped || performance.now() - this.#lookedAt <= this.#options.intervalMs) return
    const looked = new Promise<void>(resolve => this.#onLooked.push(resolve))
    if (this.#role === 'follows') this.#question.ask(false)
    this.now()
    await looked
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    clearTimeout(this.#catchingUp)
    this.#poller.stop()
    this.#succession.close()
    this.#silence.end()
    this.#question.settle()
    this.#seat?.leave()
    this.#looked()
  }

  assume(role: Role, term: number): void {
    if (this.#stopped) return
    this.#role = role
    this.#isImpatient = this.#isTrying = this.#isFailing = false
    this.#succession.close()
    this.#silence.end()
    this.#question.settle()
    if (role !== 'leads') this.#lead?.end()
    if (role === 'leads') void this.#beginLead(term)
    else if (role === 'follows') void this.#follow()
    else this.#poller.now()
  }

  asked(question: string, atOnce: boolean): void {
    if (this.#role !== 'leads' || this.#stopped) return
    const isRecent = performance.now() - this.#lookedAt <= this.#options.intervalMs
    const { state } = this.#options.learner
    if (!atOnce && isRecent && state !== null) {
      // Nobody else's: others may wait for a look that begins after they have asked.
      this.#lead?.publish(state, [question])
    } else if (this.#lead?.ask(question)) {
      this.#poller.now()
    }
  }

  missed(): void {
    if (this.#stopped) return
    clearTimeout(this.#catchingUp)
    this.#catchingUp = setTimeout(() => this.#catchUp(), CATCHING_UP * Math.random())
  }

  #catchUp(): void {
    if (this.#role === 'leads') {
      this.#poller.now()
    } else if (this.#role === 'follows') {
      // Of one that is open, the answer may be lost.
      this.#question.settle()
      this.#question.ask(this.#isOwn)
    }
  }

  hear(news: News): void {
    this.#heard()
    // One after the other, since one of them may have to be fetched.
    this.#hearing = this.#hearing.then(() => this.#take(news))
  }

  hearError(error: ToldError): void {
    this.#heard()
    this.#hearing = this.#hearing.then(() => {
      if (this.#role !== 'follows' || this.#stopped) return
      this.#options.learner.tell(errorTold(error, this.#options.upstreamError), error.lasts)
    })
  }

  hearAttempt(attempt: Exclude<Attempt, 'can'>): void {
    if (this.#role !== 'follows' || this.#stopped) return
    this.#heard()
    if (attempt === 'failed') this.#succession.leaderFailed()
    else this.#succession.anotherTries()
  }

  /** There is somebody who looks, or tries to. */
  #heard(): void {
    if (this.#role === 'follows' && !this.#stopped) this.#silence.begin()
  }

  #try(): void {
    // Who looks for itself will say so, too.
    if (this.#isImpatient) return
    this.#seat?.sayAttempt('tries')
    this.#isTrying = true
    this.#poller.now()
  }

  /** Begins where the others were, so that what has happened since is told to them as a difference. */
  async #beginLead(term: number): Promise<void> {
    this.#lead?.begin(term)
    if (this.#options.learner.state === null) {
      this.#seeding = this.#lastSeen().then(last => {
        if (last !== null) this.#seed = this.#options.subject.revive(last.state)
      })
      await this.#seeding
      this.#seeding = null
    }
    if (this.#role === 'leads') this.#poller.now()
  }

  async #follow(): Promise<void> {
    const { learner, intervalMs } = this.#options
    this.#version = null
    this.#poller.rest()
    this.#silence.begin()
    if (learner.state !== null) {
      this.#isOwn = true
      this.#question.ask(true)
      return
    }
    const last = await this.#lastSeen()
    if (this.#role !== 'follows' || this.#stopped || learner.state !== null) return
    const state = last === null || last.ageMs > intervalMs ? null : this.#options.subject.revive(last.state)
    if (last === null || state === null) return this.#question.ask(false)
    this.#learn(last.version, state)
    this.#lookedAt = performance.now() - last.ageMs
  }

  async #lastSeen(): Promise<LastSeen | null> {
    return (await this.#seat?.lastSeen()) ?? null
  }

  async #take(news: News): Promise<void> {
    if (this.#role !== 'follows' || this.#stopped) return
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
      this.#options.learner.confirm()
    } else {
      const { learner } = this.#options
      const before = learner.state
      const last = await this.#lastSeen()
      // What this replica has seen for itself meanwhile is newer.
      if (this.#role !== 'follows' || this.#stopped || learner.state !== before || last === null) return
      if (isOlder(last.version, this.#version) && !isAnswer) return
      if (!(await this.#takeOver(last.version, last.state))) return
    }
    this.#lookedAt = performance.now()
    this.#isImpatient = false
    this.#question.settle()
    this.#poller.rest()
    this.#looked()
  }

  /** False where it was not understood, or is not wanted any more. */
  async #takeOver(version: Version, value: unknown): Promise<boolean> {
    const { subject, learner } = this.#options
    const heard = subject.revive(value)
    if (heard === null) {
      // No answer may be understood either: after a question that stays open this replica looks for itself.
      this.#question.ask(false)
      return false
    }
    const before = learner.state
    const completing = before === null ? null : (subject.complete?.(before, heard) ?? null)
    if (completing === null) {
      this.#learn(version, heard)
      return true
    }
    const { state, isWhole } = await completing
    // What this replica has seen for itself meanwhile is newer.
    if (this.#role !== 'follows' || this.#stopped || learner.state !== before) return false
    // What is of no version is taken over anew with whatever is heard next.
    this.#learn(isWhole ? version : null, state)
    return true
  }

  #learn(version: Version | null, state: S): void {
    this.#version = version
    this.#isOwn = false
    this.#options.learner.learn(state)
  }

  /** Nobody answers. */
  #lookForItself(): void {
    this.#isImpatient = true
    this.#poller.now()
  }

  async #look(): Promise<Outcome> {
    const { subject, learner } = this.#options
    if (this.#seeding !== null) await this.#seeding
    const began = performance.now()
    const before = learner.state
    const answers = this.#lead?.asked ?? []
    try {
      const state = await subject.look(before ?? this.#seed)
      // What was heard meanwhile is newer.
      if (learner.state !== before || this.#stopped) return 'unchanged'
      this.#lookedAt = began
      this.#isOwn = true
      this.#isFailing = this.#isTrying = false
      this.#seed = null
      if (this.#role === 'follows') {
        if (this.#succession.isOpen) this.#seat?.sayAttempt('can')
        // What is answered to a question from before this look may be older than it.
        this.#version = null
        this.#question.renew()
      }
      const hasHappened = learner.learn(state)
      if (this.#role === 'leads') this.#lead?.publish(state, answers)
      return hasHappened ? 'changed' : 'unchanged'
    } catch (error) {
      // Given up, which is nobody's failure.
      if (this.#stopped) return 'unchanged'
      this.#fail(error instanceof Error ? error : new Error(String(error)))
      return 'failed'
    } finally {
      // Whoever follows looks again when nobody answers, and not before an answer could be there.
      if (this.#role === 'follows') this.#poller.rest()
      this.#looked()
    }
  }

  #fail(error: Error): void {
    const isTrying = this.#isTrying
    this.#isTrying = false
    this.#isFailing = true
    // It is no worse than before: that the leader cannot look is the leader's to tell.
    if (isTrying && !this.#isImpatient) return
    const { learner } = this.#options
    const outcome = learner.judge(error, this.#seed)
    if (this.#role === 'leads' && outcome !== 'lasts') this.#seat?.sayAttempt('failed')
    if (outcome === 'unsaid') return
    if (this.#role === 'leads') this.#seat?.publishError(toldError(error, outcome === 'lasts'))
    learner.tell(error, outcome === 'lasts')
  }

  #looked(): void {
    for (const tell of this.#onLooked.splice(0)) tell()
  }
}
