import { readFileSync } from 'node:fs'
import { buildSchema, type DocumentNode, parse, type SelectionSetNode, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiSdl } from '../../src/graphql/schema.ts'
import { startDemo } from '../support/demo.ts'
import type { TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startDemo()
})
afterAll(() => gateway.close())

interface Example {
  readonly heading: string
  readonly query: string
  readonly document: DocumentNode
  /** The JSON block directly behind the query. */
  readonly variables: Readonly<Record<string, unknown>>
}

const BLOCK = /```graphql\n(.*?)```(?:\s*```json\n(.*?)```)?/gs

function examplesIn(name: string): readonly Example[] {
  const text = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
  return [...text.matchAll(BLOCK)].map(match => {
    const [, query = '', variables = '{}'] = match
    return {
      heading: [...text.slice(0, match.index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? name,
      query,
      document: parse(query),
      variables: JSON.parse(variables) as Readonly<Record<string, unknown>>,
    }
  })
}

/** Paths of non-null values in a response, without list indices, for example `conferences.nodes.sid`. */
function filledPaths(value: unknown, path = ''): string[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap(item => filledPaths(item, path))
  if (typeof value !== 'object') return [path]
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) => filledPaths(inner, path === '' ? key : `${path}.${key}`)),
  ]
}

/** Paths of the fields in a selection set, without list indices. */
const selectedPaths = ({ selections }: SelectionSetNode, document: DocumentNode, path = ''): string[] =>
  selections.flatMap(selection => {
    if (selection.kind === 'InlineFragment') return selectedPaths(selection.selectionSet, document, path)
    if (selection.kind === 'FragmentSpread') {
      const fragment = document.definitions.find(
        definition => definition.kind === 'FragmentDefinition' && definition.name.value === selection.name.value,
      )
      return fragment?.kind === 'FragmentDefinition' ? selectedPaths(fragment.selectionSet, document, path) : []
    }
    const key = selection.alias?.value ?? selection.name.value
    const ownPath = path === '' ? key : `${path}.${key}`
    return [
      ownPath,
      ...(selection.selectionSet === undefined ? [] : selectedPaths(selection.selectionSet, document, ownPath)),
    ]
  })

const schema = buildSchema(apiSdl())

/** Minimum number of queries by document. */
const DOCUMENTS = {
  'README.md': 1,
  'docs/queries.md': 10,
  'docs/limits.md': 1,
  'docs/clients.md': 1,
  'docs/subscriptions.md': 1,
}

describe.each(Object.entries(DOCUMENTS))('the queries of %s', (name, minQueries) => {
  const examples = examplesIn(name)

  it(`${name} contains queries`, () => {
    expect(examples.length).toBeGreaterThanOrEqual(minQueries)
  })

  it.each(examples)(`${name}: the query under "$heading" is valid`, ({ document }) => {
    expect(validate(schema, document)).toEqual([])
  })

  const queries = examples.flatMap(example => {
    const [operation] = example.document.definitions
    return operation?.kind === 'OperationDefinition' && operation.operation === 'query'
      ? [{ ...example, selected: selectedPaths(operation.selectionSet, example.document) }]
      : []
  })

  it.each(queries)(
    `${name}: the query under "$heading" finds values for all its fields in the demo data`,
    async example => {
      const { query, variables, selected } = example
      const { data, errors } = await gateway.query(query, { as: null, variables })
      expect(errors).toBeUndefined()
      const found = new Set(filledPaths(data))
      expect(selected.filter(path => !found.has(path))).toEqual([])
    },
  )
})
