import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { Execution } from '../../../../src/graphql/execution/execution.ts'
import { createQueryPlanner } from '../../../../src/graphql/execution/usePlannedExecution.ts'
import { createSchema } from '../../../../src/graphql/schema.ts'
import { usedHeapBytes } from '../../../support/heap.ts'
import { findConditionVariables } from './findConditionVariables.ts'

const schema = createSchema()
const planQuery = createQueryPlanner(findConditionVariables)

/** Executes a document and returns its plan. */
const runAndGetPlan = async (
  document: ReturnType<typeof parse>,
  variableValues = {},
  operationName: string | null = null,
) => {
  const given = { schema, document, variableValues, operationName }
  const planned = planQuery(given)
  if (planned === null) throw new Error('Expected a plan.')
  const account = { sid: 'AC', conferences: {} }
  const context = {
    resolveViewerSid: async () => 'AC',
    assertAccountAllowed: () => undefined,
    loaders: { account: { load: async () => account } },
  }
  await new Execution({ ...planned, context, rootValue: undefined }, () => null).execute()
  return planned.plan
}

describe('query plan cache', () => {
  it('the query plan cache keeps a plan per document and combination of @skip and @include values', async () => {
    const document = parse('query ($all: Boolean!, $first: Int) { viewer { sid id @include(if: $all) } }')
    const plan = await runAndGetPlan(document, { all: true, first: 1 })
    expect(await runAndGetPlan(document, { all: true, first: 2 })).toBe(plan)
    expect(await runAndGetPlan(document, { all: false })).not.toBe(plan)
    expect(await runAndGetPlan(document, { all: true })).toBe(plan)
    expect(
      await runAndGetPlan(parse('query ($all: Boolean!, $first: Int) { viewer { sid id @include(if: $all) } }'), {
        all: true,
      }),
    ).not.toBe(plan)
  })

  it('the query plan cache drops plans that are much larger than the document', async () => {
    const aliases = Array.from({ length: 30 }, (_, number) => `v${number}: viewer { ...F }`).join(' ')
    const fields = Array.from({ length: 30 }, (_, number) => `s${number}: sid`).join(' ')
    const document = parse(`{ ${aliases} } fragment F on Account { ${fields} }`)
    expect(await runAndGetPlan(document)).not.toBe(await runAndGetPlan(document))
    const small = parse(`{ viewer { ...F } } fragment F on Account { ${fields} }`)
    expect(await runAndGetPlan(small)).toBe(await runAndGetPlan(small))
  })

  it('the query plan cache shares argument texts between all plans of a document', async () => {
    const names = Array.from({ length: 9 }, (_, number) => `v${number}`)
    const parts = names.map(name => `... @include(if: $${name}) { __typename }`).join(' ')
    const declared = names.map(name => `$${name}: Boolean!`).join(' ')
    const conferences = `conferences(filter: { friendlyName: "${'x'.repeat(200_000)}" }) { totalCount }`
    const document = parse(`query (${declared}) { ${conferences} ${parts} }`)
    const plans = []
    const before = usedHeapBytes()
    for (let i = 0; i < 2 ** names.length; i++) {
      const variableValues = Object.fromEntries(names.map((name, bit) => [name, ((i >> bit) & 1) === 1]))
      const planned = planQuery({ schema, document, variableValues })
      plans.push(planned?.plan.rootSelection(planned.variables))
    }
    // A copy of the text per plan would use 100 MB.
    expect(usedHeapBytes() - before).toBeLessThan(20_000_000)
    expect(new Set(plans).size).toBe(2 ** names.length)
  })

  it('the query plan cache limits the plans of all operations of a document together', async () => {
    const names = Array.from({ length: 40 }, (_, number) => `Q${number}`)
    const fields = Array.from({ length: 30 }, (_, number) => `s${number}: sid`).join(' ')
    const document = parse(
      `${names.map(name => `query ${name} { viewer { ...F } }`).join(' ')} fragment F on Account { ${fields} }`,
    )
    const plan = await runAndGetPlan(document, {}, 'Q0')
    expect(await runAndGetPlan(document, {}, 'Q0')).toBe(plan)
    for (const name of names) await runAndGetPlan(document, {}, name)
    expect(await runAndGetPlan(document, {}, 'Q0')).not.toBe(plan)
  })

  it('the query plan cache ignores the value of a variable used as a condition only in a different operation', async () => {
    const document = parse(`
      query A($s: Boolean!) { viewer @skip(if: $s) { sid } }
      query B($s: ID!) { ... @include(if: false) { node(id: $s) { id } } }
    `)
    const plan = await runAndGetPlan(document, { s: 'one' }, 'B')
    expect(await runAndGetPlan(document, { s: 'two,true' }, 'B')).toBe(plan)
    expect(await runAndGetPlan(document, { s: true }, 'A')).not.toBe(await runAndGetPlan(document, { s: false }, 'A'))
  })

  it('the query plan cache accepts variables with non-callable toString and valueOf properties', async () => {
    const document = parse(`
      query A($s: Boolean!) { viewer @skip(if: $s) { sid } }
      query B($s: [_Any!]!) { viewer { sid } _entities(representations: $s) @skip(if: true) { __typename } }
    `)
    const s = [{ __typename: 'Account', toString: 1, valueOf: 1 }]
    await expect(runAndGetPlan(document, { s }, 'B')).resolves.toBeDefined()
  })

  it('the query plan cache limits plans without fields', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `v${number}`)
    const fields = names.map(name => `${name}: viewer @skip(if: $${name}) { sid }`).join(' ')
    const variables = names.map(name => `$${name}: Boolean!`).join(', ')
    const document = parse(`query (${variables}) { ... @include(if: false) { ${fields} } }`)
    const planOf = (combination: number) => {
      const values = names.map((name, bit) => [name, Boolean(combination & (1 << bit))])
      return planQuery({ schema, document, variableValues: Object.fromEntries(values) })?.plan
    }
    const plans = Array.from({ length: 2 ** names.length }, (_, combination) => planOf(combination))
    expect(new Set(plans).size).toBe(plans.length)
    let kept = 0
    while (planOf(plans.length - 1 - kept) === plans.at(-1 - kept)) kept++
    expect(kept).toBeLessThan(400)
    expect(kept).toBeGreaterThan(10)
  })

  it('the query plan cache counts every occurrence of a field toward the limit', async () => {
    const many = Array.from({ length: 500 }, () => 'id').join(' ')
    const aliases = Array.from({ length: 40 }, (_, number) => `v${number}: viewer { ...F }`).join(' ')
    const document = parse(`{ ${aliases} } fragment F on Account { ${many} }`)
    expect(await runAndGetPlan(document)).not.toBe(await runAndGetPlan(document))
  })
})
