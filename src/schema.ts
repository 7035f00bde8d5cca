import { readdirSync, readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  buildASTSchema,
  concatAST,
  type DocumentNode,
  type GraphQLSchema,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql'
import { resolvers } from './resolvers/index.ts'

/** Beside `src/` and beside `dist/` alike. */
const FOLDER = new URL('../schema/', import.meta.url)

/** The contract, one file a noun. */
export const typeDefs = (): DocumentNode =>
  concatAST(
    readdirSync(FOLDER)
      .filter(name => name.endsWith('.graphql'))
      .sort()
      .map(name => parse(readFileSync(new URL(name, FOLDER), 'utf8'))),
  )

/** The contract with its resolvers: a Federation 2 subgraph that is as well asked without a router. */
export const createSchema = (): GraphQLSchema => buildSubgraphSchema([{ typeDefs: typeDefs(), resolvers }])

/** For a registry: as written, with the federation directives. */
export const federationSdl = (): string => `${print(typeDefs())}\n`

/** As clients see it: without what is there for a router only. */
export const apiSdl = (): string => {
  const federation = new Set(['key', 'shareable', 'tag', 'link'])
  const document = visit(typeDefs(), {
    SchemaExtension: () => null,
    Directive: ({ name }) => (federation.has(name.value) ? null : undefined),
  })
  return `${printSchema(buildASTSchema(document))}\n`
}
