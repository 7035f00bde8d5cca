import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { expect, it, onTestFinished } from 'vitest'
import { GATEWAYS, type GatewayName } from '../src/graph.ts'
import { listen, type Running } from '../src/listen.ts'
import { startRestcomm } from '../src/restcomm.ts'
import { sendQuery } from '../src/sendQuery.ts'
import { composeSupergraph } from '../src/supergraph.ts'

/** Creates a subgraph with `Query.node` for the whole graph. The ID contains the type name, and is the only key. */
function createNodeSubgraph() {
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

function closeAfterTest<T extends Running>(running: T): T {
  onTestFinished(() => running.close())
  return running
}

it.each<GatewayName>(['hive', 'apollo'])(
  'with FEDERATION_NODE=off, a different subgraph serves Query.node: %s',
  async gateway => {
    const restcomm = closeAfterTest(await startRestcomm({ FEDERATION_NODE: 'off' }))
    const other = closeAfterTest(await listen(createNodeSubgraph(), 0))
    const { composer, serve } = GATEWAYS[gateway]
    const supergraph = await composeSupergraph({ restcomm: restcomm.url, other: other.url }, composer)
    const { url } = closeAfterTest(await serve(supergraph, 0))

    const { data } = await sendQuery(url, '{ conferences(first: 1) { nodes { id sid friendlyName } } }')
    const [conference] = data.conferences.nodes
    const response = await sendQuery(
      url,
      `{ node(id: "${conference.id}") { __typename id ... on Conference { sid friendlyName } } }`,
    )
    expect(response).toEqual({ data: { node: { __typename: 'Conference', ...conference } } })
  },
  60_000,
)
