import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { introspect } from './introspection.ts'

/** The rules of https://relay.dev/graphql/connections.htm, in its order. */

let gateway: TestGateway
let schema: GraphQLSchema
beforeAll(async () => {
  gateway = await startGateway()
  schema = await introspect(gateway)
})
afterAll(() => gateway.close())

const objects = (): GraphQLObjectType[] =>
  Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'))
const connections = () => objects().filter(({ name }) => name.endsWith('Connection'))
const field = (type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> => {
  const found = type.getFields()[name]
  if (found === undefined) throw new Error(`${type.name} has no field '${name}'.`)
  return found
}
/** A type as SDL writes it. */
const typeOf = (type: GraphQLObjectType, name: string): string => String(field(type, name).type)
const edgeOf = (connection: GraphQLObjectType): GraphQLObjectType => {
  const edge = getNamedType(field(connection, 'edges').type)
  if (!isObjectType(edge)) throw new Error(`The edges of ${connection.name} are no objects.`)
  return edge
}
/** Every field that answers with a connection, as `Type.field`. */
const connectionFields = () =>
  objects().flatMap(type =>
    Object.values(type.getFields())
      .filter(({ type }) => getNamedType(type).name.endsWith('Connection'))
      .map(({ name, args }) => ({
        name: `${type.name}.${name}`,
        args: Object.fromEntries(args.map(arg => [arg.name, String(arg.type)])),
      })),
  )

describe('1 Reserved types', () => {
  it('what ends in `Connection` is an object type', () => {
    const named = Object.values(schema.getTypeMap()).filter(({ name }) => name.endsWith('Connection'))
    expect(named.filter(type => !isObjectType(type))).toEqual([])
    expect(named.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['CallConnection', 'ConferenceConnection', 'ParticipantConnection']),
    )
  })

  it('`PageInfo` is an object type', () => {
    expect(isObjectType(schema.getType('PageInfo'))).toBe(true)
  })
})

describe('2 Connection types', () => {
  it('have `edges`, a list of an edge type', () => {
    for (const connection of connections()) {
      expect(typeOf(connection, 'edges')).toBe(`[${edgeOf(connection).name}!]!`)
    }
  })

  it('have `pageInfo`, a non-null `PageInfo`', () => {
    for (const connection of connections()) expect(typeOf(connection, 'pageInfo')).toBe('PageInfo!')
  })

  it('have `nodes` and `totalCount` besides, as the specification lets them', () => {
    for (const connection of connections()) {
      expect(typeOf(connection, 'nodes')).toBe(`[${getNamedType(field(edgeOf(connection), 'node').type)}!]!`)
      expect(typeOf(connection, 'totalCount')).toBe('Int!')
    }
  })
})

describe('3 Edge types', () => {
  it('are named after their connection', () => {
    for (const connection of connections()) {
      expect(edgeOf(connection).name).toBe(connection.name.replace(/Connection$/, 'Edge'))
    }
  })

  it('have `node`, which is no list', () => {
    for (const connection of connections()) {
      const node = getNullableType(field(edgeOf(connection), 'node').type)
      expect(isObjectType(node) || isInterfaceType(node), connection.name).toBe(true)
    }
  })

  it('have `cursor`, a string', () => {
    for (const connection of connections()) expect(typeOf(edgeOf(connection), 'cursor')).toBe('String!')
  })
})

describe('4 Arguments', () => {
  it('every field that answers with a connection can be paged forwards, by `first: Int` and `after: String`', () => {
    expect(connectionFields().length).toBeGreaterThanOrEqual(4)
    for (const { name, args } of connectionFields()) {
      expect(args, name).toMatchObject({ first: 'Int', after: 'String' })
    }
  })

  it('and backwards, by `last: Int` and `before: String`', () => {
    for (const { name, args } of connectionFields()) {
      expect(args, name).toMatchObject({ last: 'Int', before: 'String' })
    }
  })
})

describe('5 PageInfo', () => {
  const pageInfo = () => schema.getType('PageInfo') as GraphQLObjectType

  it('has `hasPreviousPage` and `hasNextPage`, non-null booleans', () => {
    expect(typeOf(pageInfo(), 'hasPreviousPage')).toBe('Boolean!')
    expect(typeOf(pageInfo(), 'hasNextPage')).toBe('Boolean!')
  })

  it('has `startCursor` and `endCursor`, strings that are null where a page has no edges', () => {
    for (const name of ['startCursor', 'endCursor']) {
      expect(isNonNullType(field(pageInfo(), name).type)).toBe(false)
      expect(typeOf(pageInfo(), name)).toBe('String')
    }
  })
})

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[]
  readonly nodes: readonly { readonly id: string }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

const SELECTION = `{
  edges { cursor node { id } } nodes { id }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}`
const ids = ({ edges }: Page) => edges.map(({ node }) => node.id)

/** A list of each kind: in the upstream's order, sorted by the gateway, by its key, and below other objects. */
const LISTS = [
  { list: 'conferences', as: 'conf51', around: (page: string) => page, args: '' },
  {
    list: 'conferences',
    as: 'conf51',
    around: (page: string) => page,
    args: 'orderBy: { field: DATE_CREATED, direction: DESC }',
  },
  { list: 'conferences', as: 'conf137', around: (page: string) => `viewer { ${page} }`, args: '' },
  {
    list: 'participants',
    as: 'part',
    around: (page: string) => `conference(sid: "${conferenceOf('part51')}") { ${page} }`,
    args: '',
  },
  {
    list: 'calls',
    as: 'part',
    around: (page: string) => `conference(sid: "${conferenceOf('part60')}") { ${page} }`,
    args: '',
  },
].map(({ list, as, around, args: fixed }) => {
  const ask = (args: string) => gateway.query(`{ ${around(`${list}(${args} ${fixed}) ${SELECTION}`)} }`, { as })
  return {
    name: `{ ${around(`${list}${fixed && `(${fixed})`}`)} }`,
    page: async (args: string): Promise<Page> => {
      const { data, errors } = await ask(args)
      expect(errors).toBeUndefined()
      return data[list] ?? data.viewer?.[list] ?? data.conference?.[list]
    },
    refuses: async (args: string): Promise<void> => {
      const { errors } = await ask(args)
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    },
  }
})

describe.each(LISTS)('6 Pages of $name', ({ page, refuses }) => {
  let whole: Page
  let all: string[]
  /** The cursor of an edge of the whole list. */
  const at = (i: number) => whole.edges.at(i)?.cursor ?? ''
  beforeAll(async () => {
    whole = await page('first: 500')
    all = ids(whole)
    expect(all.length).toBeGreaterThan(50)
    expect(new Set(all).size).toBe(all.length)
  })

  it('`first` gives at most so many edges, from the front', async () => {
    expect(ids(await page('first: 7'))).toEqual(all.slice(0, 7))
    expect(ids(await page('first: 500'))).toEqual(all)
  })

  it('`last` gives at most so many edges, from the back', async () => {
    expect(ids(await page('last: 7'))).toEqual(all.slice(-7))
    expect(ids(await page('last: 500'))).toEqual(all)
  })

  it('`after` leaves out its edge and what stands before it, so the edge closest to it comes first', async () => {
    expect(ids(await page(`first: 4, after: "${at(9)}"`))).toEqual(all.slice(10, 14))
  })

  it('`before` leaves out its edge and what stands behind it, so the edge closest to it comes last', async () => {
    expect(ids(await page(`last: 4, before: "${at(9)}"`))).toEqual(all.slice(5, 9))
  })

  it('the order of edges is the same with `first` and `after` as with `last` and `before`', async () => {
    const forwards = ids(await page(`first: 10, after: "${at(4)}"`))
    const backwards = ids(await page(`last: 10, before: "${at(15)}"`))
    expect(forwards).toEqual(all.slice(5, 15))
    expect(backwards).toEqual(forwards)
  })

  it('both cursors cut the list before `first` or `last` counts', async () => {
    const between = `after: "${at(3)}", before: "${at(12)}"`
    expect(ids(await page(`first: 5, ${between}`))).toEqual(all.slice(4, 9))
    expect(ids(await page(`last: 5, ${between}`))).toEqual(all.slice(7, 12))
    expect(ids(await page(`first: 50, ${between}`))).toEqual(all.slice(4, 12))
    expect(ids(await page(`first: 5, after: "${at(12)}", before: "${at(3)}"`))).toEqual([])
  })

  it('a negative `first` or `last` is an error', async () => {
    await refuses('first: -1')
    await refuses('last: -1')
  })

  it('`first` and `last` together are refused: the specification discourages them, and pageInfo would be a guess', async () => {
    await refuses('first: 3, last: 2')
  })

  it('`first: 0` and `last: 0` are pages without edges', async () => {
    for (const args of ['first: 0', 'last: 0']) {
      expect(await page(args)).toMatchObject({ edges: [], nodes: [], pageInfo: { startCursor: null, endCursor: null } })
    }
  })

  it('null for an argument is the same as leaving it out', async () => {
    expect(await page('first: 3, after: null, last: null, before: null')).toEqual(await page('first: 3'))
  })

  it('`hasNextPage` of forward paging tells whether edges follow', async () => {
    expect((await page('first: 7')).pageInfo.hasNextPage).toBe(true)
    expect((await page(`first: 7, after: "${at(-9)}"`)).pageInfo.hasNextPage).toBe(true)
    expect((await page(`first: 7, after: "${at(-8)}"`)).pageInfo.hasNextPage).toBe(false)
    expect((await page('first: 500')).pageInfo.hasNextPage).toBe(false)
  })

  it('`hasPreviousPage` of backward paging tells whether edges precede', async () => {
    expect((await page('last: 7')).pageInfo.hasPreviousPage).toBe(true)
    expect((await page(`last: 7, before: "${at(8)}"`)).pageInfo.hasPreviousPage).toBe(true)
    expect((await page(`last: 7, before: "${at(7)}"`)).pageInfo.hasPreviousPage).toBe(false)
    expect((await page('last: 500')).pageInfo.hasPreviousPage).toBe(false)
  })

  // The specification lets a server answer false here. A client that walks in one direction and back needs the truth.
  it('the flag of the other direction is exact too, where the specification lets it be false', async () => {
    expect((await page('first: 7')).pageInfo.hasPreviousPage).toBe(false)
    expect((await page(`first: 7, after: "${at(0)}"`)).pageInfo.hasPreviousPage).toBe(true)
    expect((await page('last: 7')).pageInfo.hasNextPage).toBe(false)
    expect((await page(`last: 7, before: "${at(-1)}"`)).pageInfo.hasNextPage).toBe(true)
  })

  it('`startCursor` and `endCursor` are the cursors of the first edge and the last', async () => {
    const { edges, pageInfo } = await page(`first: 5, after: "${at(2)}"`)
    expect(pageInfo.startCursor).toBe(edges.at(0)?.cursor)
    expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor)
  })

  it('`nodes` are the nodes of the edges', async () => {
    const { edges, nodes } = await page(`last: 5, before: "${at(20)}"`)
    expect(nodes).toEqual(edges.map(({ node }) => node))
  })

  it('cursors are opaque strings, each of its own, that stay the same from one request to the next', async () => {
    const cursors = whole.edges.map(({ cursor }) => cursor)
    expect(new Set(cursors).size).toBe(all.length)
    for (const cursor of cursors) expect(cursor).toMatch(/^[\w-]+$/)
    const again = await page(`first: 5, after: "${at(2)}"`)
    expect(again.edges).toEqual(whole.edges.slice(3, 8))
  })

  // The specification's algorithm ignores such a cursor, which sends a client back to the first page without a word:
  // docs/decisions/0002-cursors-past-the-end.md.
  it('a cursor that this list did not issue is an error, where the specification ignores it', async () => {
    for (const cursor of ['', 'garbage', 'MTIz', `${at(0)}A`, at(0).slice(0, -2)]) {
      await refuses(`first: 3, after: "${cursor}"`)
      await refuses(`last: 3, before: "${cursor}"`)
    }
  })
})
