import graphql, { rules as known } from '@graphql-eslint/eslint-plugin'
import { ESLint, type Linter } from 'eslint'
import { apiSdl } from '../src/schema.ts'

/**
 * The rules of the schema as clients see it. It is printed first, without the federation directives: the linter fails
 * on these where @apollo/subgraph is installed. A rule that stands here as 'off' has its reason beside it; one that is
 * missing altogether is about operations.
 */
const rules: Record<string, Linter.RuleEntry> = {
  'description-style': ['error', { style: 'block' }],
  'known-argument-names': 'error',
  'known-directives': 'error',
  'known-type-names': 'error',
  'lone-schema-definition': 'error',
  'naming-convention': [
    'error',
    {
      types: 'PascalCase',
      FieldDefinition: 'camelCase',
      InputValueDefinition: 'camelCase',
      DirectiveDefinition: 'camelCase',
      EnumValueDefinition: 'UPPER_CASE',
      'FieldDefinition[parent.name.value=Query]': { forbiddenPrefixes: ['query', 'get', 'list', 'fetch'] },
      'FieldDefinition[parent.name.value=Mutation]': { forbiddenSuffixes: ['Mutation'] },
      'FieldDefinition[parent.name.value=Subscription]': { forbiddenSuffixes: ['Subscription'] },
      EnumTypeDefinition: { forbiddenSuffixes: ['Enum'] },
      InterfaceTypeDefinition: { forbiddenSuffixes: ['Interface'] },
      ObjectTypeDefinition: { forbiddenSuffixes: ['Type'] },
      UnionTypeDefinition: { forbiddenSuffixes: ['Union'] },
    },
  ],
  'input-name': ['error', { checkInputType: true, caseSensitiveInputType: false }],
  'no-hashtag-description': 'error',
  'no-scalar-result-type-on-mutation': 'error',
  'no-typename-prefix': 'error',
  'no-unreachable-types': 'error',
  'provided-required-arguments': 'error',
  'relay-arguments': 'error',
  'relay-connection-types': 'error',
  // Lists that are no connections exist on purpose: `nodes` beside `edges`, `Query.nodes`, and short lists that cannot
  // be paged, such as the recordings of a call.
  'relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
  'relay-page-info': 'error',
  'require-deprecation-reason': 'error',
  'require-description': [
    'error',
    {
      types: true,
      FieldDefinition: true,
      InputValueDefinition: true,
      EnumValueDefinition: true,
      DirectiveDefinition: true,
    },
  ],
  'unique-directive-names': 'error',
  'unique-directive-names-per-location': 'error',
  'unique-enum-value-names': 'error',
  'unique-field-definition-names': 'error',
  'unique-operation-types': 'error',
  'unique-type-names': 'error',

  // The order of fields is meant: identity first, then what is asked for most.
  alphabetize: 'off',
  // Deprecations leave with a major version, which has no date.
  'require-deprecation-date': 'off',
  // `viewer` and `conferences` are non-null: without them there is an error, and nothing else to answer with.
  'require-nullable-result-in-root': 'off',
  // `Node` gives an `id` to all that has an identity; a page, an edge or the outcome of a mutation has none.
  'strict-id-in-types': 'off',
}

/** What a rule takes for a mistake and is none, where it has no option to say so. */
const FALSE_ALARMS: readonly string[] = [
  // The name of the caller; the rule compares letters.
  'Field "callerName" starts with the name of the parent type "Call"',
]

const lint = async (sdl: string): Promise<readonly Linter.LintMessage[]> => {
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.graphql'],
      plugins: { '@graphql-eslint': { rules: known } as unknown as ESLint.Plugin },
      languageOptions: { parser: graphql.parser as Linter.Parser, parserOptions: { schemaSdl: sdl } },
      rules: Object.fromEntries(Object.entries(rules).map(([name, entry]) => [`@graphql-eslint/${name}`, entry])),
    },
  })
  const results = await eslint.lintText(sdl, { filePath: 'api.graphql' })
  return results.flatMap(result => result.messages).filter(({ message }) => !FALSE_ALARMS.includes(message))
}

const sdl = apiSdl()
const lines = sdl.split('\n')
const problems = await lint(sdl)
for (const { line, message, ruleId } of problems) {
  process.stderr.write(`${message} (${ruleId ?? 'not valid'})\n    ${lines[line - 1]?.trim() ?? ''}\n`)
}
process.stdout.write(`${lines.length} lines of schema, ${problems.length} problems\n`)
process.exitCode = problems.length > 0 ? 1 : 0
