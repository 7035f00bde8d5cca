import { expect } from 'vitest'
import { transientCodes } from '../../support/documentedCodes.ts'
import type { GraphQLAnswer, TestGateway } from '../../support/gateway.ts'
import { Prng } from '../../support/prng.ts'
import { findProblems } from './findProblems.ts'
import { QueryGenerator, type TestQuery } from './queryGenerator.ts'

/** Counts of responses. */
interface LoadStats {
  /** Complete data without errors. */
  correct: number
  /** Correct data for some root fields, errors for the rest. */
  partial: number
  /** Errors without data. */
  failed: number
  readonly codes: Map<string, number>
}

const allowedCodes = transientCodes()

/** Sends a query and fails the test if the response is wrong. */
async function sendAndCheck(gateway: TestGateway, query: TestQuery, stats: LoadStats, mayMoveRow: boolean) {
  const answer = await gateway.query(query.query, query.options)
  const isSorted = query.kind === 'sortedConferences' || query.kind === 'conferencesWithParticipants'
  const problems = findProblems(query.expected, withoutCursors(query, answer), allowedCodes, mayMoveRow && isSorted)
  expect(problems, `${query.kind} ${JSON.stringify(query.options.variables)}`).toEqual([])
  count(answer, stats)
  return answer
}

function count({ data, errors = [] }: GraphQLAnswer, stats: LoadStats): void {
  if (errors.length === 0) stats.correct++
  else if (data !== null && data !== undefined && Object.values(data).some(value => value !== null)) stats.partial++
  else stats.failed++
  for (const { extensions } of errors) {
    const code = String(extensions?.code)
    stats.codes.set(code, (stats.codes.get(code) ?? 0) + 1)
  }
}

/** The rows do not determine cursors. */
function withoutCursors({ kind }: TestQuery, answer: GraphQLAnswer): GraphQLAnswer {
  if (!kind.startsWith('page ') || !answer.data?.conferences) return answer
  const { cursors: _cursors, ...conferences } = answer.data.conferences
  return { ...answer, data: { ...answer.data, conferences } }
}

interface LoadOptions {
  readonly clients: number
  /** Queries of all clients together. A number, because a duration means more work on a fast machine. */
  readonly queries: number
  readonly seed?: number
  /** Whether the upstream may send values of wrong types, which can move a row of a sorted list. */
  readonly hasWrongTypes?: boolean
}

/** Runs parallel clients; each client sends a query after the response to the previous query. */
export async function runLoad(
  gateway: TestGateway,
  { clients, queries, seed = 1, hasWrongTypes = false }: LoadOptions,
): Promise<LoadStats> {
  const stats: LoadStats = { correct: 0, partial: 0, failed: 0, codes: new Map() }
  let sent = 0
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const generator = new QueryGenerator(gateway.sandbox.rows, new Prng(seed * 1_000 + client))
      while (sent < queries) {
        sent++
        const query = generator.next()
        const { data, errors } = await sendAndCheck(gateway, query, stats, hasWrongTypes)
        if (query.kind.startsWith('page ') && errors === undefined) {
          generator.addCursors(query, data.conferences.cursors)
        }
      }
    }),
  )
  return stats
}
