import { readdirSync, readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  astFromDirective,
  filterSchema,
  GraphQLDeferDirective,
  GraphQLStreamDirective,
  MapperKind,
  makeDirectiveNode,
  mapSchema,
  memoize1,
} from '@graphql-tools/utils'
import {
  type ConstDirectiveNode,
  concatAST,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldResolver,
  GraphQLSchema,
  isTypeDefinitionNode,
  Kind,
  parse,
  print,
  specifiedDirectives,
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

export interface FederationOptions {
  readonly node?: NodeFieldMode
  /** Whether `Node` has `@key(fields: "id")`, so that other subgraphs can add fields to `Node` with `@interfaceObject`. */
  readonly nodeKey?: boolean
  /** The name in the `@tag` of all types, root fields and their arguments. Null adds no `@tag`. */
  readonly tag?: string | null
}

/** The path is valid from both `src/graphql/` and `dist/graphql/`. */
const SCHEMA_FOLDER = new URL('../../schema/', import.meta.url)

const NODE_FIELDS: ReadonlySet<string> = new Set(['node', 'nodes'])
const ROOT_TYPES: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription'])

// A process needs the schema for the check of the trusted documents and for the gateway, and a first build takes about 0.1 s.
const schemas = new Map<string, GraphQLSchema>()

/**
 * Creates a Federation 2 subgraph with `@defer` and `@stream`, which also works without a router. All calls with
 * equal options return the same schema, which must not be changed.
 */
export function createSchema(options: FederationOptions = {}): GraphQLSchema {
  const key = JSON.stringify([options.node, options.nodeKey, options.tag])
  const schema = schemas.get(key) ?? buildExecutableSchema(options)
  schemas.set(key, schema)
  return schema
}

/** Includes the federation directives. Routers read the text from `_service.sdl`. */
export function federationSdl(options: FederationOptions = {}): string {
  return `${print(loadTypeDefs(options))}\n`
}

const INCREMENTAL_DIRECTIVES = [GraphQLDeferDirective, GraphQLStreamDirective]
const CLIENT_DIRECTIVES: ReadonlySet<string> = new Set([
  ...[...specifiedDirectives, ...INCREMENTAL_DIRECTIVES].map(({ name }) => name),
  'semanticNonNull',
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
    directiveFilter: name => CLIENT_DIRECTIVES.has(name),
  }),
)

/** The schema for clients, with all directives that clients may use or read. */
export function apiSdl(options: FederationOptions = {}): string {
  const { definitions } = visit(loadTypeDefs(options), {
    SchemaExtension: () => null,
    Directive: ({ name }) => (CLIENT_DIRECTIVES.has(name.value) ? undefined : null),
    StringValue: (node, key) => (key === 'description' ? { ...node, block: true } : undefined),
  })
  const directives = INCREMENTAL_DIRECTIVES.map(directive => astFromDirective(directive))
  return `${print({ kind: Kind.DOCUMENT, definitions: [...directives, ...definitions] })}\n`
}

function loadTypeDefs({ node = 'own', nodeKey = false, tag = null }: FederationOptions): DocumentNode {
  const files = readdirSync(SCHEMA_FOLDER)
    .filter(name => name.endsWith('.graphql'))
    .sort()
  const typeDefs = concatAST(files.map(name => parse(readFileSync(new URL(name, SCHEMA_FOLDER), 'utf8'))))
  const withNodes = visit(typeDefs, {
    InterfaceTypeDefinition: type =>
      nodeKey && type.name.value === 'Node' ? withDirective(type, 'key', { fields: 'id' }) : undefined,
    // Changes only the type `Query`. All types keep the `Node` interface.
    ObjectTypeDefinition: type => (type.name.value === 'Query' && node !== 'own' ? undefined : false),
    FieldDefinition: field => {
      if (!NODE_FIELDS.has(field.name.value)) return undefined
      return node === 'off' ? null : withDirective(field, 'shareable')
    },
  })
  return tag === null ? withNodes : addTag(withNodes, tag)
}

/**
 * Tags everything that belongs to this subgraph. The types `Query`, `Mutation` and `Subscription` are not tagged, because
 * the tag would apply to the root fields of other subgraphs.
 */
function addTag(typeDefs: DocumentNode, name: string): DocumentNode {
  const addTo = (definition: DefinitionNode): DefinitionNode => {
    if (!isTypeDefinitionNode(definition)) return definition
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !ROOT_TYPES.has(definition.name.value)) {
      return withDirective(definition, 'tag', { name })
    }
    return visit(definition, {
      FieldDefinition: field => withDirective(field, 'tag', { name }),
      // Some composition libraries remove untagged arguments from contracts.
      InputValueDefinition: argument => withDirective(argument, 'tag', { name }),
    })
  }
  return { ...typeDefs, definitions: typeDefs.definitions.map(addTo) }
}

function withDirective<T extends { readonly directives?: readonly ConstDirectiveNode[] | undefined }>(
  node: T,
  name: string,
  args: Readonly<Record<string, string>> = {},
): T {
  const directive: ConstDirectiveNode = makeDirectiveNode(name, args)
  return { ...node, directives: [...(node.directives ?? []), directive] }
}

function buildExecutableSchema(options: FederationOptions): GraphQLSchema {
  const typeDefs = loadTypeDefs(options)
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
