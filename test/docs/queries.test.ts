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
  /** The block of JSON below the query, where nothing but white space stands between the two. */
  readonly variables: Readonly<Record<string, unknown>>
}

const BLOCK = /```graphql\n(.*?)```(?:\s*```json\n(.*?)```)?/gs

const examplesOf = (name: string): readonly Example[] => {
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

/** Where there is something in an answer: each path without its indices, such as `conferences.nodes.sid`. */
const filled = (value: unknown, path = ''): string[] => {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap(item => filled(item, path))
  if (typeof value !== 'object') return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => filled(inner, path === '' ? key : `${path}.${key}`))]
}

/** What a selection asks for, in the same form. */
const askedFor = ({ selections }: SelectionSetNode, document: DocumentNode, path = ''): string[] =>
  selections.flatMap(selection => {
    if (selection.kind === 'InlineFragment') return askedFor(selection.selectionSet, document, path)
    if (selection.kind === 'FragmentSpread') {
      const fragment = document.definitions.find(
        definition => definition.kind === 'FragmentDefinition' && definition.name.value === selection.name.value,
      )
      return fragment?.kind === 'FragmentDefinition' ? askedFor(fragment.selectionSet, document, path) : []
    }
    const key = selection.alias?.value ?? selection.name.value
    const own = path === '' ? key : `${path}.${key}`
    return [own, ...(selection.selectionSet === undefined ? [] : askedFor(selection.selectionSet, document, own))]
  })

const schema = buildSchema(apiSdl())

describe.each(['README.md', 'docs/queries.md'])('the queries of %s', name => {
  const examples = examplesOf(name)

  it('are there', () => {
    expect(examples.length).toBeGreaterThanOrEqual(name === 'README.md' ? 1 : 10)
  })

  it.each(examples)('$heading: fits the schema', ({ document }) => {
    expect(validate(schema, document)).toEqual([])
  })

  const queries = examples.flatMap(example => {
    const [operation] = example.document.definitions
    return operation?.kind === 'OperationDefinition' && operation.operation === 'query'
      ? [{ ...example, asked: askedFor(operation.selectionSet, example.document) }]
      : []
  })

  it.each(queries)('$heading: finds something of all that it asks for, in the demo', async example => {
    const { query, variables, asked } = example
    const { data, errors } = await gateway.query(query, { as: null, variables })
    expect(errors).toBeUndefined()
    const found = new Set(filled(data))
    expect(asked.filter(path => !found.has(path))).toEqual([])
  })
})
