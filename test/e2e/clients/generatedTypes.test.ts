import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from '@graphql-codegen/cli'
import { minifyIntrospection, outputIntrospectionFile } from 'gql.tada/internal'
import { buildSchema, introspectionFromSchema, isScalarType, isSpecifiedScalarType } from 'graphql'
import { semanticToStrict } from 'graphql-sock'
import { expect, it, onTestFinished } from 'vitest'
import { apiSdl } from '../../../src/graphql/schema.ts'

const NODE_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))

// All nullable fields except `friendlyName` are @semanticNonNull; `friendlyName` can be null without an error.
const QUERY = /* GraphQL */ `
  query List {
    viewer { sid }
    conferences(first: 10) { nodes { sid accountSid dateCreated friendlyName isRunning } }
  }
`

/** The type of each scalar, as in docs/clients.md. */
const SCALARS = {
  Sid: 'string',
  AccountSid: 'string',
  ConferenceSid: 'string',
  CallSid: 'string',
  DateTime: 'string',
  Date: 'string',
}

/** The type of the data of a client that throws the errors of fields. */
const STRICT_DATA = `{
  viewer: { sid: string }
  conferences: {
    nodes: { sid: string; accountSid: string; dateCreated: string; friendlyName: string | null; isRunning: boolean }[]
  }
}`

/** The type of the data of a client that shows failed fields as null. */
const NULLABLE_DATA = `{
  viewer: { sid: string } | null
  conferences: {
    nodes: ({
      sid: string
      accountSid: string
      dateCreated: string | null
      friendlyName: string | null
      isRunning: boolean | null
    } | null)[]
  } | null
}`

/** The text of a file without type errors only if `Data` and the expected type are assignable to each other. */
const typeCheck = (imports: string, data: string, expected: string) => `
${imports}
type Data = ${data}
type Expected = ${expected}
export const toExpected = (data: Data): Expected => data
export const toData = (expected: Expected): Data => expected
`

/** Writes the files to a temporary folder and returns the type errors of `check.ts`. */
function typeErrors(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'restcomm-graphql-types-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(NODE_MODULES, join(folder, 'node_modules'))
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  }
  const config = JSON.stringify({ compilerOptions, files: ['check.ts'] })
  const configFiles = { 'tsconfig.json': config, 'package.json': '{"type":"module"}' }
  for (const [name, text] of Object.entries({ ...files, ...configFiles })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const { stdout, stderr } = spawnSync(join(NODE_MODULES, '.bin/tsc'), ['--project', folder], { encoding: 'utf8' })
  return stdout + stderr
}

/** Returns the type errors of gql.tada's types for the schema, or for the schema with `!` instead of `@semanticNonNull`. */
function checkTada(isStrict: boolean, expected: string): string {
  const schema = buildSchema(apiSdl())
  const introspection = introspectionFromSchema(isStrict ? semanticToStrict(schema) : schema)
  const scalarTypes = Object.entries(SCALARS).map(([name, type]) => `${name}: ${type}`)
  const imports = `
    import { initGraphQLTada, type ResultOf } from 'gql.tada'
    import type { introspection } from './introspection.js'
    const graphql = initGraphQLTada<{ introspection: introspection; scalars: { ${scalarTypes.join('; ')} } }>()
    export const query = graphql(\`${QUERY}\`)
  `
  return typeErrors({
    'check.ts': typeCheck(imports, 'ResultOf<typeof query>', expected),
    'introspection.d.ts': outputIntrospectionFile(minifyIntrospection(introspection), {
      fileType: '.d.ts',
      shouldPreprocess: true,
    }),
  })
}

/** Returns the type errors of the types which the client preset of GraphQL Code Generator generates with the options. */
async function checkPreset(options: Readonly<Record<string, unknown>>, expected: string): Promise<string> {
  const outputs: readonly { filename: string; content: string }[] = await generate(
    {
      schema: apiSdl(),
      documents: [QUERY],
      generates: {
        'gql/': {
          preset: 'client',
          config: { useTypeImports: true, strictScalars: true, scalars: SCALARS, ...options },
        },
      },
      emitLegacyCommonJSImports: false,
      silent: true,
    },
    false,
  )
  const generated = Object.fromEntries(outputs.map(({ filename, content }) => [filename, content]))
  return typeErrors({
    ...generated,
    'check.ts': typeCheck("import type { ListQuery } from './gql/graphql.js'", 'ListQuery', expected),
  })
}

it('relay.config.json and docs/clients.md state the type of each scalar of the schema', () => {
  const scalars = Object.values(buildSchema(apiSdl()).getTypeMap()).filter(isScalarType)
  const names = scalars.filter(type => !isSpecifiedScalarType(type)).map(({ name }) => name)
  expect(Object.keys(SCALARS).toSorted()).toEqual(names.toSorted())

  const { projects } = JSON.parse(readFileSync(new URL('relay.config.json', import.meta.url), 'utf8')) as {
    projects: Record<string, { customScalarTypes: unknown; requireCustomScalarTypes?: boolean }>
  }
  const docs = readFileSync(new URL('../../../docs/clients.md', import.meta.url), 'utf8')
  const [, documented = '{}'] = /```json\n(\{\n {2}"customScalarTypes".*?)```/s.exec(docs) ?? []
  const expected = { customScalarTypes: SCALARS, requireCustomScalarTypes: true }
  for (const config of [...Object.values(projects), JSON.parse(documented)]) expect(config).toMatchObject(expected)

  const [, presetScalars = ''] = /scalars: \{\n(.*?)\}/s.exec(docs) ?? []
  expect([...presetScalars.matchAll(/(\w+): 'string'/g)].map(([, name]) => name)).toEqual(Object.keys(SCALARS))
})

it('gql.tada infers non-null types for @semanticNonNull from the schema of graphql-sock, and nullable types without', () => {
  expect(checkTada(true, STRICT_DATA)).toBe('')
  expect(checkTada(false, NULLABLE_DATA)).toBe('')
  expect(checkTada(false, STRICT_DATA)).toContain('error TS')
})

it('the client preset generates non-null types for @semanticNonNull only for clients that handle errors', async () => {
  const errorHandling = { nullability: { errorHandlingClient: true }, customDirectives: { semanticNonNull: true } }
  expect(await checkPreset(errorHandling, STRICT_DATA)).toBe('')
  expect(await checkPreset({}, NULLABLE_DATA)).toBe('')
  expect(await checkPreset({}, STRICT_DATA)).toContain('error TS')
})
