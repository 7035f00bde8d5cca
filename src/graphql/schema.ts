import { readdirSync, readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  astFromDirective,
  filterSchema,
  GraphQLDeferDirective,
  GraphQLStreamDirective,
  MapperKind,
  mapSchema,
  memoize1,
} from '@graphql-tools/utils'
import {
  concatAST,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldResolver,
  GraphQLSchema,
  Kind,
  parse,
  print,
  visit,
} from 'graphql'
import { resolvers } from '../resolvers/index.ts'
import { assertValidArgument, needsCheck } from '../resolvers/scalars.ts'

type Resolver = GraphQLFieldResolver<unknown, unknown>

/**
 * How the subgraph defines `Query.node` and `Query.nodes`. `own`: only this subgraph resolves the fields. `shared`: the
 * fields are `@shareable`, so that several subgraphs can resolve both. `off`: the subgraph has neither field.
 */
export type NodeFieldMode = 'own' | 'shared' | 'off'

/** The path is valid from both `src/graphql/` and `dist/graphql/`. */
const SCHEMA_FOLDER = new URL('../../schema/', import.meta.url)

const NODE_FIELDS: ReadonlySet<string> = new Set(['node', 'nodes'])
const SHAREABLE = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'shareable' } } as const

// A process needs the schema for the check of the trusted documents and for the gateway, and a first build takes about 0.1 s.
const schemas = new Map<NodeFieldMode, GraphQLSchema>()

/**
 * Creates a Federation 2 subgraph with `@defer` and `@stream`, which also works without a router. All calls with the
 * same mode return the same schema, which must not be changed.
 */
export function createSchema(node: NodeFieldMode = 'own'): GraphQLSchema {
  const schema = schemas.get(node) ?? buildExecutableSchema(node)
  schemas.set(node, schema)
  return schema
}

/** Includes the federation directives. Routers read the text from `_service.sdl`. */
export function federationSdl(node?: NodeFieldMode): string {
  return `${print(loadTypeDefs(node))}\n`
}

const INCREMENTAL_DIRECTIVES = [GraphQLDeferDirective, GraphQLStreamDirective]
const ROUTER_DIRECTIVES: ReadonlySet<string> = new Set([
  'composeDirective',
  'cost',
  'key',
  'link',
  'listSize',
  'shareable',
])

/**
 * Returns the schema without the types, fields and directives for routers, such as `_entities` and `federation__Scope`.
 * Introspection shows this schema to clients.
 */
export const toClientSchema = memoize1((schema: GraphQLSchema) =>
  filterSchema({
    schema,
    typeFilter: name => !/^_|__/.test(name),
    rootFieldFilter: (_operation, name) => !name.startsWith('_'),
    directiveFilter: name => !ROUTER_DIRECTIVES.has(name) && !name.includes('__'),
  }),
)

/** The schema for clients, with all directives that clients may use or read. */
export function apiSdl(node?: NodeFieldMode): string {
  const { definitions } = visit(loadTypeDefs(node), {
    SchemaExtension: () => null,
    Directive: ({ name }) => (ROUTER_DIRECTIVES.has(name.value) ? null : undefined),
    StringValue: (node, key) => (key === 'description' ? { ...node, block: true } : undefined),
  })
  const directives = INCREMENTAL_DIRECTIVES.map(directive => astFromDirective(directive))
  return `${print({ kind: Kind.DOCUMENT, definitions: [...directives, ...definitions] })}\n`
}

function loadTypeDefs(node: NodeFieldMode = 'own') {
  const files = readdirSync(SCHEMA_FOLDER)
    .filter(name => name.endsWith('.graphql'))
    .sort()
  const typeDefs = concatAST(files.map(name => parse(readFileSync(new URL(name, SCHEMA_FOLDER), 'utf8'))))
  if (node === 'own') return typeDefs
  // Changes only the type `Query`. All types keep the `Node` interface.
  return visit(typeDefs, {
    ObjectTypeDefinition: type => (type.name.value === 'Query' ? undefined : false),
    FieldDefinition: field => {
      if (!NODE_FIELDS.has(field.name.value)) return undefined
      return node === 'off' ? null : { ...field, directives: [...(field.directives ?? []), SHAREABLE] }
    },
  })
}

function buildExecutableSchema(node: NodeFieldMode): GraphQLSchema {
  const typeDefs = loadTypeDefs(node)
  const sdl = `${print(typeDefs)}\n`
  const Query = { ...resolvers.Query, _service: () => ({ sdl }) }
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: { ...resolvers, Query } }])
  const directives = [...schema.getDirectives(), ...INCREMENTAL_DIRECTIVES]
  return mapSchema(new GraphQLSchema({ ...schema.toConfig(), directives }), {
    [MapperKind.OBJECT_FIELD]: field => ({
      ...field,
      ...(field.resolve && { resolve: withValidArguments(field.resolve, field.args) }),
      ...(field.subscribe && { subscribe: withValidArguments(field.subscribe, field.args) }),
    }),
  })
}

/** Checks the values of the arguments before a field is resolved. Most fields have no argument that needs a check. */
function withValidArguments(resolve: Resolver, args: GraphQLFieldConfigArgumentMap = {}): Resolver {
  const checkedArgs = Object.entries(args).filter(([, { type }]) => needsCheck(type))
  if (checkedArgs.length === 0) return resolve
  return (source, values, context, info) => {
    for (const [name, { type }] of checkedArgs) assertValidArgument(values[name], type)
    return resolve(source, values, context, info)
  }
}
