import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createSchema } from '../../../src/schema.ts'
import { planFor } from '../../../src/server/execution/plans.ts'
import { Run } from '../../../src/server/execution/run.ts'

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
})
