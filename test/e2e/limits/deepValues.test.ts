import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountOf, basic, type GraphQLAnswer, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

/** `body` is a text, because `JSON.stringify` cannot write deep values. */
async function post(body: string): Promise<GraphQLAnswer> {
  const headers = { 'content-type': 'application/json', authorization: basic('conf137') }
  return (await (await fetch(gateway.url, { method: 'POST', headers, body })).json()) as GraphQLAnswer
}

const lists = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const VALUES = [
  ['a list of 5,000 levels', lists(5_000)],
  ['a list of 400,000 levels', lists(400_000)],
  ['an object of 5,000 levels', objects(5_000)],
  ['an object of 100,000 levels', objects(100_000)],
  ['a text of 900,000 characters', `"${'x'.repeat(900_000)}"`],
  ['an object with a prototype', '{"__proto__":{"__typename":"Account"},"constructor":{"prototype":{}}}'],
  ['a list of 200,000 numbers', `[${'1,'.repeat(200_000)}1]`],
] as const

const { sid } = accountOf('conf137')
const ENTITIES = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Account { sid friendlyName } } }'

describe.each(VALUES)('%s', (title, value) => {
  it.each([
    ['`__typename`', `{"__typename":${value}}`],
    ['a key', `{"__typename":"Account","sid":${value}}`],
    ['an `id`', `{"__typename":"Account","id":${value}}`],
    ['a key besides a valid key', `{"__typename":"Conference","accountSid":"${sid}","sid":${value}}`],
    ['the type of a Node', `{"__typename":"Node","id":${value}}`],
    ['the reference itself', value],
  ])(`${title} in %s of a reference is BAD_USER_INPUT for this entity only`, async (_title, reference) => {
    const valid = `{"__typename":"Account","sid":"${sid}"}`
    const body = `{"query":${JSON.stringify(ENTITIES)},"variables":{"of":[${reference},${valid}]}}`
    const { data, errors } = await post(body)
    expect(errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(JSON.stringify(errors).length).toBeLessThan(2_000)
    expect(data._entities).toMatchObject([null, { sid }])
  })

  it.each([
    ['ID!', 'node(id: $value) { id }'],
    ['[ID!]!', 'nodes(ids: $value) { id }'],
    ['Int', 'conferences(first: $value) { totalCount }'],
    ['String', 'conferences(after: $value) { totalCount }'],
    ['AccountSid!', 'account(sid: $value) { sid }'],
    ['ConferenceFilter', 'conferences(filter: $value) { totalCount }'],
    ['ConferenceOrder', 'conferences(orderBy: $value) { totalCount }'],
  ])(`${title} for a variable of type %s is BAD_USER_INPUT or TOO_MANY_IDS`, async (type, field) => {
    const { errors } = await post(`{"query":"query ($value: ${type}) { ${field} }","variables":{"value":${value}}}`)
    expect(['BAD_USER_INPUT', 'TOO_MANY_IDS']).toContain(errors?.[0]?.extensions?.code)
  })

  it(`${title} in an unused variable has no effect`, async () => {
    const body = `{"query":"{ viewer { sid } }","variables":{"x":${value}}}`
    expect(await post(body)).toEqual({ data: { viewer: { sid } } })
  })
})

describe.each([100, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 5_000, 9_000])(
  'a literal of %i levels',
  levels => {
    const deep = lists(levels)
    it.each([
      ['a reference', `{ _entities(representations: [{ __typename: "Account", sid: ${deep} }]) { __typename } }`],
      ['a single reference', `{ _entities(representations: { __typename: ${deep} }) { __typename } }`],
      ['references', `{ _entities(representations: ${deep}) { __typename } }`],
      ['a filter', `{ conferences(filter: { friendlyName: ${deep} }) { totalCount } }`],
      ['a page size', `{ conferences(first: ${deep}) { totalCount } }`],
      [
        'a default',
        `query ($of: [_Any!]! = [{ __typename: ${deep} }]) { _entities(representations: $of) { __typename } }`,
      ],
      ['a type', `query ($n: ${'['.repeat(levels)}Int${']'.repeat(levels)}) { conferences(first: $n) { totalCount } }`],
    ])(`a literal of ${levels} levels in %s is an error of the client`, async (_title, query) => {
      const { errors } = await post(JSON.stringify({ query }))
      expect(['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED', 'QUERY_TOO_DEEP', 'TOO_MANY_TOKENS']).toContain(
        errors?.[0]?.extensions?.code,
      )
    })
  },
)

const INVALID_IDS = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }'

it.each([
  ['998 empty lines', '\n'.repeat(998), [{ line: 999, column: 24 }]],
  ['999 empty lines', '\n'.repeat(999), undefined],
  ['500,000 empty lines', '\n'.repeat(500_000), undefined],
  ['500,000 line ends of Windows', '\r'.repeat(500_000), undefined],
  ['65,537 characters in a line', ' '.repeat(65_537 - INVALID_IDS.length), undefined],
])('errors of a query with %s have locations only if the query is short', async (_title, space, locations) => {
  const ids = Array.from({ length: 1_000 }, () => 'x')
  const { errors } = await post(JSON.stringify({ query: space + INVALID_IDS, variables: { ids } }))
  expect(errors).toHaveLength(1_000)
  const [last] = errors?.slice(-1) ?? []
  expect({ locations: undefined, ...last }).toMatchObject({ locations, path: ['nodes', 999] })
})
