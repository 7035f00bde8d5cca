import graphql, { rules as known } from '@graphql-eslint/eslint-plugin'
import { ESLint, type Linter } from 'eslint'
import { apiSdl } from '../src/graphql/schema.ts'

// Lint rules for the schema without federation directives, because graphql-eslint fails on the directives if
// @apollo/subgraph is installed. Each rule set to 'off' has a comment with the reason. Rules for operations are absent.
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
  // Lists outside of edges are intended, for example `nodes` beside `edges`.
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

  // Fields are ordered by use: identity first, then the most requested fields.
  alphabetize: 'off',
  // The rule needs an argument `deletionDate`, which GraphQL does not have. `check:breaking` checks the date in the reason.
  'require-deprecation-date': 'off',
  // `viewer` and `conferences` are non-null, because a response has no useful data if either field fails.
  'require-nullable-result-in-root': 'off',
  // Only types that implement `Node` have an `id`; pages, edges and mutation payloads have no identity.
  'strict-id-in-types': 'off',
}

/** Messages to ignore: false positives of rules without an option for exceptions. */
const FALSE_POSITIVES: readonly string[] = [
  // `callerName` is the name of the caller, not of the call.
  'Field "callerName" starts with the name of the parent type "Call"',
]

async function lint(sdl: string): Promise<readonly Linter.LintMessage[]> {
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
  return results.flatMap(result => result.messages).filter(({ message }) => !FALSE_POSITIVES.includes(message))
}

const sdl = apiSdl()
const lines = sdl.split('\n')
const problems = await lint(sdl)
for (const { line, message, ruleId } of problems) {
  process.stderr.write(`${message} (${ruleId ?? 'invalid'})\n    ${lines[line - 1]?.trim() ?? ''}\n`)
}
process.stdout.write(`${lines.length} lines of schema, ${problems.length} problems\n`)
process.exitCode = problems.length > 0 ? 1 : 0
