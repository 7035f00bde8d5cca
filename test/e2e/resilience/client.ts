import { availableParallelism, loadavg } from 'node:os'
import { expect } from 'vitest'
import { passingCodes } from '../../support/documentedCodes.ts'
import type { Answer, TestGateway } from '../../support/gateway.ts'
import { complaintsOf } from './checkAnswer.ts'
import { diceFrom, type Question, Questions } from './queries.ts'

/** How late a test machine may be; more, where it has more to do than processors to do it. Milliseconds. */
const MARGIN = 5_000
const margin = (): number => MARGIN * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism())

export interface Tally {
  /** Wholly right. */
  right: number
  /** Right where there is data, with errors where there is none. */
  partial: number
  /** Errors alone. */
  failed: number
  readonly codes: Map<string, number>
  slowestMs: number
}

export const newTally = (): Tally => ({ right: 0, partial: 0, failed: 0, codes: new Map(), slowestMs: 0 })

const codes = passingCodes()

/** Asks a question, and fails the test where the answer is wrong, late, or not explained. */
export const check = async (gateway: TestGateway, question: Question, deadlineMs: number, tally: Tally) => {
  const began = performance.now()
  const answer = await gateway.query(question.query, question.ask)
  const took = performance.now() - began
  tally.slowestMs = Math.max(tally.slowestMs, took)
  const { want, seen } = withoutCursors(question, answer)
  const complaints = complaintsOf(want, seen, codes)
  if (took > deadlineMs + margin()) complaints.push(`answered after ${Math.round(took)} ms`)
  expect(complaints, `${question.kind} ${JSON.stringify(question.ask.variables)}`).toEqual([])
  count(answer, tally)
  return answer
}

const count = ({ data, errors = [] }: Answer, tally: Tally): void => {
  if (errors.length === 0) tally.right++
  else if (data !== null && data !== undefined && Object.values(data).some(part => part !== null)) tally.partial++
  else tally.failed++
  for (const { extensions } of errors) {
    const code = String(extensions?.code)
    tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1)
  }
}

/** Cursors are no business of the rows. */
const withoutCursors = ({ kind, want }: Question, answer: Answer) => {
  if (!kind.startsWith('page ') || !answer.data?.conferences) return { want, seen: answer }
  const { cursors: _cursors, ...conferences } = answer.data.conferences
  return { want, seen: { ...answer, data: { ...answer.data, conferences } } }
}

export interface Load {
  readonly clients: number
  readonly deadlineMs: number
  /** Until when, by `performance.now()`. */
  readonly until: number
  /** Ends it earlier, where what it is for has been reached. */
  readonly isEnough?: () => boolean
  readonly seed?: number
}

/** So many clients that ask one question after the other. */
export const askUntil = async (
  gateway: TestGateway,
  { clients, deadlineMs, until, isEnough = () => false, seed = 1 }: Load,
): Promise<Tally> => {
  const tally = newTally()
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const questions = new Questions(gateway.sandbox.rows, diceFrom(seed * 1_000 + client))
      while (performance.now() < until && !isEnough()) {
        const question = questions.next()
        const { data, errors } = await check(gateway, question, deadlineMs, tally)
        if (question.kind.startsWith('page ') && errors === undefined)
          questions.learn(question, data.conferences.cursors)
      }
    }),
  )
  return tally
}
