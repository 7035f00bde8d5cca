import type { VariableValues } from '@graphql-tools/utils'
import { Kind, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createSchema } from '../../../../src/graphql/schema.ts'
import { conditionsOf } from '../../../../src/graphql/execution/conditionVariables.ts'
import { DocumentPlans } from '../../../../src/graphql/execution/documentPlans.ts'
import { planFor } from '../../../../src/graphql/execution/planCache.ts'
import { Run } from '../../../../src/graphql/execution/execution.ts'
import { heapUsed } from '../../../support/heap.ts'

const schema = createSchema()

/** The plan of a document, after it was run for objects that have everything. */
const run = async (document: ReturnType<typeof parse>, variableValues = {}, operationName: string | null = null) => {
  const given = { schema, document, variableValues, operationName }
  const planned = planFor(given)
  if (planned === null) throw new Error('It is not planned.')
  const account = { sid: 'AC', conferences: {} }
  const contextValue = {
    viewerSid: async () => 'AC',
    checkAccount: () => undefined,
    loaders: { account: { load: async () => account } },
  }
  await new Run(planned.plan, planned.variables, { ...given, contextValue }).result()
  return planned.plan
}

describe('plans', () => {
  it('are kept for as long as their document, each for what its variables leave out', async () => {
    const document = parse('query ($all: Boolean!, $first: Int) { viewer { sid id @include(if: $all) } }')
    const plan = await run(document, { all: true, first: 1 })
    expect(await run(document, { all: true, first: 2 })).toBe(plan)
    expect(await run(document, { all: false })).not.toBe(plan)
    expect(await run(document, { all: true })).toBe(plan)
    expect(
      await run(parse('query ($all: Boolean!, $first: Int) { viewer { sid id @include(if: $all) } }'), { all: true }),
    ).not.toBe(plan)
  })

  it('are forgotten when they are much larger than their document', async () => {
    const aliases = Array.from({ length: 30 }, (_, number) => `v${number}: viewer { ...F }`).join(' ')
    const fields = Array.from({ length: 30 }, (_, number) => `s${number}: sid`).join(' ')
    const document = parse(`{ ${aliases} } fragment F on Account { ${fields} }`)
    expect(await run(document)).not.toBe(await run(document))
    const small = parse(`{ viewer { ...F } } fragment F on Account { ${fields} }`)
    expect(await run(small)).toBe(await run(small))
  })

  it('have the texts of arguments in common, however many there are', async () => {
    const names = Array.from({ length: 9 }, (_, number) => `v${number}`)
    const parts = names.map(name => `... @include(if: $${name}) { __typename }`).join(' ')
    const declared = names.map(name => `$${name}: Boolean!`).join(' ')
    const room = `conferences(filter: { friendlyName: "${'x'.repeat(200_000)}" }) { totalCount }`
    const document = parse(`query (${declared}) { ${room} ${parts} }`)
    const plans = []
    const before = heapUsed()
    for (let i = 0; i < 2 ** names.length; i++) {
      const variableValues = Object.fromEntries(names.map((name, bit) => [name, ((i >> bit) & 1) === 1]))
      const planned = planFor({ schema, document, variableValues })
      plans.push(planned?.plan.root(planned.variables))
    }
    // Each with the text would be a hundred megabytes.
    expect(heapUsed() - before).toBeLessThan(20_000_000)
    expect(new Set(plans).size).toBe(2 ** names.length)
  })

  it('of many operations are forgotten together', async () => {
    const names = Array.from({ length: 40 }, (_, number) => `Q${number}`)
    const fields = Array.from({ length: 30 }, (_, number) => `s${number}: sid`).join(' ')
    const document = parse(
      `${names.map(name => `query ${name} { viewer { ...F } }`).join(' ')} fragment F on Account { ${fields} }`,
    )
    const plan = await run(document, {}, 'Q0')
    expect(await run(document, {}, 'Q0')).toBe(plan)
    for (const name of names) await run(document, {}, name)
    expect(await run(document, {}, 'Q0')).not.toBe(plan)
  })

  it('hold no value of a variable that decides nothing, be it that one of its name does in another operation', async () => {
    const document = parse(`
      query A($s: Boolean!) { viewer @skip(if: $s) { sid } }
      query B($s: ID!) { ... @include(if: false) { node(id: $s) { id } } }
    `)
    const plan = await run(document, { s: 'one' }, 'B')
    expect(await run(document, { s: 'two,true' }, 'B')).toBe(plan)
    expect(await run(document, { s: true }, 'A')).not.toBe(await run(document, { s: false }, 'A'))
  })

  it('are not read from what only looks like a text', async () => {
    const document = parse(`
      query A($s: Boolean!) { viewer @skip(if: $s) { sid } }
      query B($s: [_Any!]!) { viewer { sid } _entities(representations: $s) @skip(if: true) { __typename } }
    `)
    const s = [{ __typename: 'Account', toString: 1, valueOf: 1 }]
    await expect(run(document, { s }, 'B')).resolves.toBeDefined()
  })

  it('that ask for nothing are bounded as well', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `v${number}`)
    const fields = names.map(name => `${name}: viewer @skip(if: $${name}) { sid }`).join(' ')
    const variables = names.map(name => `$${name}: Boolean!`).join(', ')
    const document = parse(`query (${variables}) { ... @include(if: false) { ${fields} } }`)
    const conditions = conditionsOf(document)
    const [operation] = document.definitions
    if (conditions === null || operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('It is not planned.')
    const plans = new DocumentPlans(schema, document, conditions)
    for (let combination = 0; combination < 2 ** names.length; combination++) {
      const coerced = Object.fromEntries(names.map((name, bit) => [name, Boolean(combination & (1 << bit))]))
      plans.plan(operation, { coerced, sources: {} } as unknown as VariableValues)
    }
    expect(plans.size).toBeLessThan(400)
  })

  it('count a field in each place where it is asked for', async () => {
    const many = Array.from({ length: 500 }, () => 'id').join(' ')
    const aliases = Array.from({ length: 40 }, (_, number) => `v${number}: viewer { ...F }`).join(' ')
    const document = parse(`{ ${aliases} } fragment F on Account { ${many} }`)
    expect(await run(document)).not.toBe(await run(document))
  })
})
