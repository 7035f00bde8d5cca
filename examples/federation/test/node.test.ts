import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { expect, it, onTestFinished } from 'vitest'
import { ask } from '../src/ask.ts'
import { GATEWAYS, type GatewayName } from '../src/graph.ts'
import { listen, type Running } from '../src/listen.ts'
import { startRestcomm } from '../src/restcomm.ts'
import { composeSupergraph } from '../src/supergraph.ts'

/** A subgraph that owns `node` for the whole graph: it knows the types by their ids, and of each its key. */
const owner = () => {
  const typeDefs = parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    interface Node { id: ID! }
    type Query { node(id: ID!): Node }
    type Conference implements Node @key(fields: "id") { id: ID! }
    type Call implements Node @key(fields: "id") { id: ID! }
  `)
  const node = (_root: unknown, { id }: { id: string }) => {
    const [type] = Buffer.from(id, 'base64url').toString().split(':')
    return { __typename: type, id }
  }
  return createYoga({ schema: buildSubgraphSchema([{ typeDefs, resolvers: { Query: { node } } }]), logging: 'error' })
}

const stopping = <T extends Running>(running: T): T => {
  onTestFinished(() => running.close())
  return running
}

it.each<GatewayName>(['hive', 'apollo'])(
  'FEDERATION_NODE=off leaves node to another subgraph, and both answer: %s',
  async gateway => {
    const restcomm = stopping(await startRestcomm({ FEDERATION_NODE: 'off' }))
    const other = stopping(await listen(owner(), 0))
    const { composer, serve } = GATEWAYS[gateway]
    const supergraph = await composeSupergraph({ restcomm: restcomm.url, other: other.url }, composer)
    const { url } = stopping(await serve(supergraph, 0))

    const { data } = await ask(url, '{ conferences(first: 1) { nodes { id sid friendlyName } } }')
    const [conference] = data.conferences.nodes
    const found = await ask(
      url,
      `{ node(id: "${conference.id}") { __typename id ... on Conference { sid friendlyName } } }`,
    )
    expect(found).toEqual({ data: { node: { __typename: 'Conference', ...conference } } })
  },
  60_000,
)
