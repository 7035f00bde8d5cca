import { readdirSync, readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  buildASTSchema,
  concatAST,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  print,
  printSchema,
  type TypeNode,
  visit,
} from 'graphql'
import { type NodeLookUps, withNodeLookUps } from './nodeVisibility.ts'
import { resolvers } from '../resolvers/index.ts'

/** Beside `src/` and beside `dist/` alike. */
const FOLDER = new URL('../../schema/', import.meta.url)

/** The contract, one file a noun. */
export const typeDefs = (node: NodeLookUps = 'own'): DocumentNode => {
  const files = readdirSync(FOLDER)
    .filter(name => name.endsWith('.graphql'))
    .sort()
  return withNodeLookUps(concatAST(files.map(name => parse(readFileSync(new URL(name, FOLDER), 'utf8')))), node)
}

/** The contract with its resolvers: a Federation 2 subgraph that is as well asked without a router. */
export const createSchema = (node?: NodeLookUps): GraphQLSchema => executable(typeDefs(node), node)

/** The same, with every field nullable: where one fails, nothing around it does. For execution only. */
export const createNullableSchema = (node?: NodeLookUps): GraphQLSchema =>
  executable(visit(typeDefs(node), { FieldDefinition: field => ({ ...field, type: nullable(field.type) }) }), node)

const nullable = (type: TypeNode): TypeNode => {
  if (type.kind === Kind.NON_NULL_TYPE) return nullable(type.type)
  return type.kind === Kind.LIST_TYPE ? { ...type, type: nullable(type.type) } : type
}

const executable = (contract: DocumentNode, node?: NodeLookUps): GraphQLSchema => {
  const sdl = federationSdl(node)
  const Query = { ...resolvers.Query, _service: () => ({ sdl }) }
  return buildSubgraphSchema([{ typeDefs: contract, resolvers: { ...resolvers, Query } }])
}

/** For a registry, and for a router that asks: as written, with the federation directives. */
export const federationSdl = (node?: NodeLookUps): string => `${print(typeDefs(node))}\n`

/** As clients see it: without what is there for a router only. */
export const apiSdl = (node?: NodeLookUps): string => {
  const federation = new Set(['key', 'shareable', 'tag', 'link'])
  const document = visit(typeDefs(node), {
    SchemaExtension: () => null,
    Directive: ({ name }) => (federation.has(name.value) ? null : undefined),
  })
  return `${printSchema(buildASTSchema(document))}\n`
}
