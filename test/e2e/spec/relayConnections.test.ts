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

/** The rules of https://relay.dev/graphql/connections.htm, in the order of the specification. */

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
  if (found === undefined) throw new Error(`The type ${type.name} has no field "${name}".`)
  return found
}
/** The type of a field in SDL notation. */
const typeOf = (type: GraphQLObjectType, name: string): string => String(field(type, name).type)
const edgeOf = (connection: GraphQLObjectType): GraphQLObjectType => {
  const edge = getNamedType(field(connection, 'edges').type)
  if (!isObjectType(edge)) throw new Error(`The edge type of ${connection.name} is not an object type.`)
  return edge
}
/** All fields with a connection type, named `Type.field`. */
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
  it('every type with a name that ends in `Connection` is an object type', () => {
    const named = Object.values(schema.getTypeMap()).filter(({ name }) => name.endsWith('Connection'))
    expect(named.filter(type => !isObjectType(type))).toEqual([])
    expect(named.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['CallConnection', 'ConferenceConnection', 'ParticipantConnection']),
    )
  })

  it('PageInfo is an object type', () => {
    expect(isObjectType(schema.getType('PageInfo'))).toBe(true)
  })
})

describe('2 Connection types', () => {
  it('every connection type has `edges`, a list of its edge type', () => {
    for (const connection of connections()) {
      expect(typeOf(connection, 'edges')).toBe(`[${edgeOf(connection).name}!]!`)
    }
  })

  it('every connection type has `pageInfo`, a non-null `PageInfo`', () => {
    for (const connection of connections()) expect(typeOf(connection, 'pageInfo')).toBe('PageInfo!')
  })

  it('every connection type has the additional fields `nodes` and `totalCount`', () => {
    for (const connection of connections()) {
      expect(typeOf(connection, 'nodes')).toBe(`[${getNamedType(field(edgeOf(connection), 'node').type)}]!`)
      expect(typeOf(connection, 'totalCount')).toBe('Int')
    }
  })
})

describe('3 Edge types', () => {
  it('every edge type has the name of its connection type with the suffix `Edge`', () => {
    for (const connection of connections()) {
      expect(edgeOf(connection).name).toBe(connection.name.replace(/Connection$/, 'Edge'))
    }
  })

  it('every edge type has a `node` that is not a list', () => {
    for (const connection of connections()) {
      const node = getNullableType(field(edgeOf(connection), 'node').type)
      expect(isObjectType(node) || isInterfaceType(node), connection.name).toBe(true)
    }
  })

  it('every edge type has `cursor`, a non-null string', () => {
    for (const connection of connections()) expect(typeOf(edgeOf(connection), 'cursor')).toBe('String!')
  })
})

describe('4 Arguments', () => {
  it('every connection field has the arguments of forward paging, `first: Int` and `after: String`', () => {
    expect(connectionFields().length).toBeGreaterThanOrEqual(4)
    for (const { name, args } of connectionFields()) {
      expect(args, name).toMatchObject({ first: 'Int', after: 'String' })
    }
  })

  it('every connection field has the arguments of backward paging, `last: Int` and `before: String`', () => {
    for (const { name, args } of connectionFields()) {
      expect(args, name).toMatchObject({ last: 'Int', before: 'String' })
    }
  })
})

describe('5 PageInfo', () => {
  const pageInfo = () => schema.getType('PageInfo') as GraphQLObjectType

  it('PageInfo has `hasPreviousPage` and `hasNextPage`, non-null booleans', () => {
    expect(typeOf(pageInfo(), 'hasPreviousPage')).toBe('Boolean!')
    expect(typeOf(pageInfo(), 'hasNextPage')).toBe('Boolean!')
  })

  it('PageInfo has `startCursor` and `endCursor`, nullable strings', () => {
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

/** Lists in the upstream's order, sorted by the gateway, and nested in objects. */
const LISTS = [
  { list: 'conferences', as: 'conf51', wrap: (page: string) => page, args: '' },
  {
    list: 'conferences',
    as: 'conf51',
    wrap: (page: string) => page,
    args: 'orderBy: { field: DATE_CREATED, direction: DESC }',
  },
  { list: 'conferences', as: 'conf137', wrap: (page: string) => `viewer { ${page} }`, args: '' },
  {
    list: 'participants',
    as: 'part',
    wrap: (page: string) => `conference(sid: "${conferenceOf('part51')}") { ${page} }`,
    args: '',
  },
  {
    list: 'calls',
    as: 'part',
    wrap: (page: string) => `conference(sid: "${conferenceOf('part60')}") { ${page} }`,
    args: '',
  },
].map(({ list, as, wrap, args: listArgs }) => {
  const queryPage = (args: string) => gateway.query(`{ ${wrap(`${list}(${args} ${listArgs}) ${SELECTION}`)} }`, { as })
  return {
    name: `{ ${wrap(`${list}${listArgs && `(${listArgs})`}`)} }`,
    readPage: async (args: string): Promise<Page> => {
      const { data, errors } = await queryPage(args)
      expect(errors).toBeUndefined()
      return data[list] ?? data.viewer?.[list] ?? data.conference?.[list]
    },
    expectRejection: async (args: string): Promise<void> => {
      const { errors } = await queryPage(args)
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    },
  }
})

describe.each(LISTS)('6 Pages of $name', ({ readPage, expectRejection }) => {
  let fullList: Page
  let allIds: string[]
  /** The cursor at an index of the full list. */
  const cursorAt = (i: number) => fullList.edges.at(i)?.cursor ?? ''
  beforeAll(async () => {
    fullList = await readPage('first: 500')
    allIds = ids(fullList)
    expect(allIds.length).toBeGreaterThan(50)
    expect(new Set(allIds).size).toBe(allIds.length)
  })

  it('`first` limits a page to the first edges of the list', async () => {
    expect(ids(await readPage('first: 7'))).toEqual(allIds.slice(0, 7))
    expect(ids(await readPage('first: 500'))).toEqual(allIds)
  })

  it('`last` limits a page to the last edges of the list', async () => {
    expect(ids(await readPage('last: 7'))).toEqual(allIds.slice(-7))
    expect(ids(await readPage('last: 500'))).toEqual(allIds)
  })

  it('a page with `after` starts directly behind the cursor', async () => {
    expect(ids(await readPage(`first: 4, after: "${cursorAt(9)}"`))).toEqual(allIds.slice(10, 14))
  })

  it('a page with `before` ends directly in front of the cursor', async () => {
    expect(ids(await readPage(`last: 4, before: "${cursorAt(9)}"`))).toEqual(allIds.slice(5, 9))
  })

  it('the order of edges is the same in forward and backward paging', async () => {
    const forwards = ids(await readPage(`first: 10, after: "${cursorAt(4)}"`))
    const backwards = ids(await readPage(`last: 10, before: "${cursorAt(15)}"`))
    expect(forwards).toEqual(allIds.slice(5, 15))
    expect(backwards).toEqual(forwards)
  })

  it('`after` and `before` are applied to the list before `first` or `last`', async () => {
    const between = `after: "${cursorAt(3)}", before: "${cursorAt(12)}"`
    expect(ids(await readPage(`first: 5, ${between}`))).toEqual(allIds.slice(4, 9))
    expect(ids(await readPage(`last: 5, ${between}`))).toEqual(allIds.slice(7, 12))
    expect(ids(await readPage(`first: 50, ${between}`))).toEqual(allIds.slice(4, 12))
    expect(ids(await readPage(`first: 5, after: "${cursorAt(12)}", before: "${cursorAt(3)}"`))).toEqual([])
  })

  it('a negative `first` or `last` is rejected', async () => {
    await expectRejection('first: -1')
    await expectRejection('last: -1')
  })

  it('`first` together with `last` is rejected', async () => {
    await expectRejection('first: 3, last: 2')
  })

  it('`first: 0` and `last: 0` return pages without edges', async () => {
    for (const args of ['first: 0', 'last: 0']) {
      expect(await readPage(args)).toMatchObject({
        edges: [],
        nodes: [],
        pageInfo: { startCursor: null, endCursor: null },
      })
    }
  })

  it('a paging argument of null equals an omitted argument', async () => {
    expect(await readPage('first: 3, after: null, last: null, before: null')).toEqual(await readPage('first: 3'))
  })

  it('`hasNextPage` in forward paging is true exactly if edges follow the page', async () => {
    expect((await readPage('first: 7')).pageInfo.hasNextPage).toBe(true)
    expect((await readPage(`first: 7, after: "${cursorAt(-9)}"`)).pageInfo.hasNextPage).toBe(true)
    expect((await readPage(`first: 7, after: "${cursorAt(-8)}"`)).pageInfo.hasNextPage).toBe(false)
    expect((await readPage('first: 500')).pageInfo.hasNextPage).toBe(false)
  })

  it('`hasPreviousPage` in backward paging is true exactly if edges precede the page', async () => {
    expect((await readPage('last: 7')).pageInfo.hasPreviousPage).toBe(true)
    expect((await readPage(`last: 7, before: "${cursorAt(8)}"`)).pageInfo.hasPreviousPage).toBe(true)
    expect((await readPage(`last: 7, before: "${cursorAt(7)}"`)).pageInfo.hasPreviousPage).toBe(false)
    expect((await readPage('last: 500')).pageInfo.hasPreviousPage).toBe(false)
  })

  // The specification allows false here, but clients that change the direction need the exact value.
  it('`hasPreviousPage` in forward paging and `hasNextPage` in backward paging are exact', async () => {
    expect((await readPage('first: 7')).pageInfo.hasPreviousPage).toBe(false)
    expect((await readPage(`first: 7, after: "${cursorAt(0)}"`)).pageInfo.hasPreviousPage).toBe(true)
    expect((await readPage('last: 7')).pageInfo.hasNextPage).toBe(false)
    expect((await readPage(`last: 7, before: "${cursorAt(-1)}"`)).pageInfo.hasNextPage).toBe(true)
  })

  it('`startCursor` and `endCursor` are the cursors of the first and the last edge', async () => {
    const { edges, pageInfo } = await readPage(`first: 5, after: "${cursorAt(2)}"`)
    expect(pageInfo.startCursor).toBe(edges.at(0)?.cursor)
    expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor)
  })

  it('`nodes` of a connection equals the nodes of the edges', async () => {
    const { edges, nodes } = await readPage(`last: 5, before: "${cursorAt(20)}"`)
    expect(nodes).toEqual(edges.map(({ node }) => node))
  })

  it('cursors are unique base64url strings and the same in every request', async () => {
    const cursors = fullList.edges.map(({ cursor }) => cursor)
    expect(new Set(cursors).size).toBe(allIds.length)
    for (const cursor of cursors) expect(cursor).toMatch(/^[\w-]+$/)
    const secondRead = await readPage(`first: 5, after: "${cursorAt(2)}"`)
    expect(secondRead.edges).toEqual(fullList.edges.slice(3, 8))
  })

  // The specification ignores unknown cursors, and the client would silently start again at the first page:
  // docs/decisions/0002-cursors-past-the-end.md.
  it('a malformed cursor is rejected instead of ignored', async () => {
    for (const cursor of ['', 'garbage', 'MTIz', `${cursorAt(0)}A`, cursorAt(0).slice(0, -2)]) {
      await expectRejection(`first: 3, after: "${cursor}"`)
      await expectRejection(`last: 3, before: "${cursor}"`)
    }
  })
})
