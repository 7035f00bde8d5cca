import { normalizedExecutor } from '@graphql-tools/executor'
import fc from 'fast-check'
import { type ExecutionArgs, type ExecutionResult, parse, specifiedRules, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/context.ts'
import { createDocumentAnalyzer } from '../../../src/graphql/analyzeDocument.ts'
import { usePlannedExecution } from '../../../src/graphql/execution/usePlannedExecution.ts'
import { INCREMENTAL_RULES } from '../../../src/graphql/plugins/useIncrementalDelivery.ts'
import { createSchema } from '../../../src/graphql/schema.ts'
import { BLOCK_BYTES } from '../../../src/graphql/work.ts'
import { Loaders } from '../../../src/loaders/loaders.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { Prng } from '../../support/prng.ts'
import { EndlessRestcomm } from './endlessRestcomm.ts'
import { operationFromChoices } from './operationFromChoices.ts'

const schema = createSchema()
const limits = { defaultPageSize: 3, maxPageSize: 10, maxSortedRows: 50, maxQuerySortedRows: 1_000_000 }
const analyze = createDocumentAnalyzer(schema, limits)
const VIEWER = `AC${'9'.repeat(32)}`
/** Length of the parts around the data in the response to an incremental delivery request. */
const PART_BYTES = 150

type Execute = (args: ExecutionArgs) => unknown
let execute: Execute = normalizedExecutor
const setExecuteFn = (wrapped: Execute) => {
  execute = wrapped
}
const plannedExecution = usePlannedExecution(document => {
  const { conditionVariables, incrementalParts, introspects } = analyze(document)
  return incrementalParts > 0 || introspects ? null : conditionVariables
})
plannedExecution.onExecute?.({ executeFn: normalizedExecutor, setExecuteFn } as never)

const KINDS = ['fields', 'bytes', 'rows', 'requests', 'parts'] as const
type Counts = Record<(typeof KINDS)[number], number>

/** Counts the work of an execution, and the work that the cost allows. Null for an invalid operation. */
async function measure(text: string, variables: Record<string, unknown> = {}) {
  const document = parse(text)
  const analysis = analyze(document)
  const estimate = analysis.estimateCost(null, variables)
  if (estimate === null || validate(schema, document, [...specifiedRules, ...INCREMENTAL_RULES]).length > 0) return null
  const { work } = estimate
  if (work.fields > 20_000) return null
  const client = new EndlessRestcomm()
  const contextValue = {
    loaders: new Loaders(client, limits),
    resolveViewerSid: async () => VIEWER,
    assertAccountAllowed: () => undefined,
  } satisfies Partial<Context>
  const result = await execute({ schema, document, contextValue, variableValues: variables })
  const counts: Counts = { fields: 0, bytes: 0, rows: 0, requests: 0, parts: 0 }
  for await (const payload of payloadsOf(result)) {
    const parts = (payload.incremental ?? []) as readonly object[]
    counts.parts += parts.length
    counts.bytes += JSON.stringify(payload).length + PART_BYTES * parts.length
    counts.fields += countValues(payload.data) + parts.reduce((sum, part) => sum + countValues(dataOf(part)), 0)
  }
  counts.rows = client.rows
  counts.requests = client.requests
  const allowed: Counts = {
    fields: work.fields,
    // The first response and each part have some bytes around the data.
    bytes: BLOCK_BYTES * (work.fields + work.bytes + 10 * work.parts) + PART_BYTES,
    // A request may read a row more than the page, to find the end of the list.
    rows: work.rows + work.requests,
    requests: work.requests,
    parts: work.parts,
  }
  return { text, counts, allowed, nodes: Math.max(1, work.rows + estimate.references) }
}

type Measured = NonNullable<Awaited<ReturnType<typeof measure>>>

async function* payloadsOf(result: unknown): AsyncGenerator<ExecutionResult & { incremental?: unknown }> {
  if (Symbol.asyncIterator in Object(result)) yield* result as AsyncIterable<ExecutionResult>
  else yield result as ExecutionResult
}

function dataOf(part: object): unknown {
  return 'data' in part ? part.data : 'items' in part ? part.items : null
}

/** Number of members and items, which were completed. */
function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, member) => sum + 1 + countValues(member), 0)
}

type Score = (measured: Measured) => number

/** Improves random operations by small changes. Returns the operation with the highest score. */
async function search(scoreOf: Score, seed: number, steps: number) {
  const prng = new Prng(seed)
  const choices = fc.array(fc.nat({ max: 255 }), { minLength: 10, maxLength: 200, size: 'max' })
  let best: { readonly choices: readonly number[]; readonly score: number; readonly rank: number }[] = []
  let found: { readonly score: number; readonly measured: Measured } | null = null
  const add = async (choices: readonly number[]) => {
    const { text, variables } = operationFromChoices(schema, choices)
    const measured = await measure(text, variables)
    if (measured === null) return
    const score = scoreOf(measured)
    if (found === null || score > found.score) found = { score, measured }
    // Among operations with similar scores, larger operations leave the search more ways to continue.
    best.push({ choices, score, rank: score + Math.log(1 + measured.counts.fields) / 50 })
    best = best.toSorted((a, b) => b.rank - a.rank).slice(0, 12)
  }
  for (const sample of fc.sample(choices, { seed, numRuns: 150 })) await add(sample)
  for (let step = 0; step < steps; step++) {
    const changed = [...prng.pick(best).choices]
    for (let changes = 1 + prng.integerBelow(4); changes > 0; changes--) {
      const at = prng.integerBelow(changed.length + 1)
      const inserted = Array.from({ length: prng.integerBelow(4) }, () => prng.integerBelow(256))
      changed.splice(at, prng.integerBelow(4), ...inserted)
    }
    await add(changed)
  }
  if (found === null) throw new Error('The search found no valid operation.')
  return found as { readonly score: number; readonly measured: Measured }
}

const share = (kind: keyof Counts) => {
  return ({ counts, allowed }: Measured) => (counts[kind] === 0 ? 0 : counts[kind] / allowed[kind])
}

it.each([
  ['{ conferences(first: 3) { nodes { status } } }', 1],
  ['{ conferences(last: 3) { nodes { status } } }', 2],
  ['{ conferences(first: 3) { totalCount nodes { account { type } } } }', 1 + 1 + 3],
  ['{ conferences(first: 3) { nodes { participants(first: 2) { nodes { call { from } } } } } }', 1 + 3 * (2 + 2)],
  [
    '{ conferences(first: 3) { nodes { calls(first: 2) { totalCount nodes { recordings { duration } } } } } }',
    1 + 3 * 4,
  ],
  [`{ account(sid: "${VIEWER}") { conferences(first: 2) { totalCount } } }`, 1 + 2],
  [
    `{ node(id: "${nodeIdOf('Participant', VIEWER, `CF${'1'.repeat(32)}`, `CA${'1'.repeat(32)}`)}") { __typename } }`,
    2,
  ],
])('the query %s causes at most %i requests, and the cost counts as many', async (text, requests) => {
  const measured = await measure(text)
  expect(measured?.allowed.requests).toBe(requests)
  expect(measured?.counts.requests).toBeLessThanOrEqual(requests)
  expect(measured?.counts.requests).toBeGreaterThanOrEqual(requests - 1)
})

describe('adversarial search', () => {
  it.each(KINDS)(
    'no operation causes more %s than the cost allows',
    async kind => {
      const { score, measured } = await search(share(kind), 1, 200)
      expect(score, JSON.stringify(measured)).toBeLessThanOrEqual(1)
      // The cost is not far above the possible work either, and the search comes near.
      expect(score).toBeGreaterThan(0.3)
    },
    60_000,
  )

  it.each([
    ['fields', 10, ({ counts, nodes }: Measured) => counts.fields / nodes],
    ['bytes', 10, ({ counts, nodes }: Measured) => counts.bytes / (BLOCK_BYTES * nodes)],
    ['requests', 2, ({ counts, nodes }: Measured) => counts.requests / nodes],
  ] as const)(
    'the search finds operations with many %s if the cost counts only nodes',
    async (_kind, minimum, score) => {
      expect((await search(score, 1, 100)).score).toBeGreaterThan(minimum)
    },
    60_000,
  )
})
