import { getDirective } from '@graphql-tools/utils'
import {
  type FieldNode,
  type GraphQLObjectType,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { CONSTANTS } from '../../../src/config/constants.ts'
import { createDocumentAnalyzer } from '../../../src/graphql/analyzeDocument.ts'
import { createSchema } from '../../../src/graphql/schema.ts'

const schema = createSchema()
const { defaultPageSize } = CONSTANTS.pages

interface ListSize {
  readonly assumedSize?: number
  readonly slicingArguments?: readonly string[]
  readonly sizedFields?: readonly string[]
  readonly requireOneSlicingArgument?: boolean
}

type Field = ReturnType<GraphQLObjectType['getFields']>[string]

const weightOf = (element: object): number | undefined => getDirective(schema, element, 'cost')?.[0]?.weight
const listSizeOf = (field: Field): ListSize => getDirective(schema, field, 'listSize')?.[0] ?? {}

/**
 * The cost of a selection as Apollo Router calculates the cost: objects cost 1 and leaf values nothing, except by
 * `@cost` of the field, or else of its type. `@listSize` gives the number of elements of a list.
 */
function routerCost(
  { selections }: SelectionSetNode,
  parent: GraphQLObjectType,
  sizes: ReadonlyMap<string, number>,
): number {
  return selections.reduce((sum, selection) => {
    if (selection.kind !== Kind.FIELD) throw new Error('The calculation supports only fields.')
    const field = parent.getFields()[selection.name.value]
    return field === undefined ? sum : sum + fieldCost(selection, field, sizes)
  }, 0)
}

function fieldCost(node: FieldNode, field: Field, sizes: ReadonlyMap<string, number>): number {
  const { assumedSize, slicingArguments = [], sizedFields = [] } = listSizeOf(field)
  const values = getArgumentValues(field, node)
  const sliced = slicingArguments.map(name => values[name]).filter(value => typeof value === 'number')
  const size = sliced.length > 0 ? Math.max(...sliced) : (assumedSize ?? 0)
  const isList = isListType(getNullableType(field.type))
  const count = isList ? (sizes.get(field.name) ?? size) : 1
  const type = getNamedType(field.type)
  const weight = weightOf(field) ?? weightOf(type) ?? (isCompositeType(type) ? 1 : 0)
  const childSizes = new Map(sizedFields.map(name => [name, size]))
  const children = node.selectionSet && isObjectType(type) ? routerCost(node.selectionSet, type, childSizes) : 0
  return count * (weight + children)
}

describe('the directives @cost and @listSize', () => {
  const connectionFields = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap(type => Object.values(type.getFields()).map(field => ({ name: `${type.name}.${field.name}`, field })))
    .filter(({ field }) => field.args.some(({ name }) => name === 'first'))

  it('some fields are connections', () => {
    expect(connectionFields.map(({ name }) => name)).toContain('Query.conferences')
  })

  it.each(connectionFields)('$name has the page size of the gateway in @listSize', ({ field }) => {
    expect(listSizeOf(field)).toEqual({
      assumedSize: defaultPageSize,
      slicingArguments: ['first', 'last'],
      sizedFields: ['nodes', 'edges'],
      requireOneSlicingArgument: false,
    })
  })

  it('each field of Query and Mutation has the weight 1, except the fields for routers', () => {
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap(type =>
      Object.values(type?.getFields() ?? {}),
    )
    const weights = fields.filter(({ name }) => !name.startsWith('_')).map(field => [field.name, weightOf(field)])
    expect(weights.length).toBeGreaterThan(10)
    expect(weights.filter(([, weight]) => weight !== 1)).toEqual([])
  })

  const calls = 'calls(first: 7) { edges { node { recordings { duration } } } }'

  it.each([
    { query: '{ conferences { nodes { sid } } }', rows: 50, requests: 1 },
    { query: '{ conferences(first: 10) { nodes { sid } pageInfo { endCursor } totalCount } }', rows: 10, requests: 1 },
    { query: '{ conferences(last: 10) { edges { cursor node { sid } } } }', rows: 10, requests: 1 },
    { query: '{ conferences(first: 3) { nodes { account { friendlyName } } } }', rows: 3, requests: 1 + 3 },
    {
      query: '{ conferences(first: 10) { nodes { participants(first: 20) { nodes { call { from } } } } } }',
      rows: 10 + 10 * 20,
      requests: 1 + 10 + 10 * 20,
    },
    { query: '{ viewer { conferences(first: 5) { nodes { sid } } } }', rows: 5, requests: 2 },
    { query: `{ conferences(first: 2) { nodes { ${calls} } } }`, rows: 2 + 2 * 7, requests: 1 + 2 + 2 * 7 },
  ])(
    'the cost in a router is the sum of $rows rows and $requests requests, below the cost in the gateway, for $query',
    ({ query, rows, requests }) => {
      const document = parse(query)
      const analyze = createDocumentAnalyzer(schema, { defaultPageSize, maxPageSize: 500, maxSortedRows: 5_000 })
      const estimate = analyze(document).estimateCost(null, {})
      expect(estimate?.work.rows).toBe(rows)
      expect(estimate?.cost).toBeGreaterThan(rows + requests)
      const [operation] = document.definitions
      const queryType = schema.getQueryType()
      if (operation?.kind !== Kind.OPERATION_DEFINITION || !queryType) throw new Error('The test needs a query.')
      expect(routerCost(operation.selectionSet, queryType, new Map())).toBe(rows + requests)
    },
  )

  it('a field that reads one object costs 1 in a router, and one request in the gateway', () => {
    const queryType = schema.getQueryType()
    expect(weightOf(queryType?.getFields().conference ?? {})).toBe(1)
    const document = parse(`{ conference(sid: "CF${'0'.repeat(32)}") { sid } }`)
    const analyze = createDocumentAnalyzer(schema, { defaultPageSize, maxPageSize: 500, maxSortedRows: 5_000 })
    expect(analyze(document).estimateCost(null, {})?.work.requests).toBe(1)
  })
})
