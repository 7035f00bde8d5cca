import { createGatewayRuntime } from '@graphql-hive/gateway'
import { expect, it, onTestFinished } from 'vitest'
import { startRestcomm } from '../src/restcomm.ts'
import { type Composer, composeSupergraph } from '../src/supergraph.ts'

it.each<Composer>(['guild', 'apollo'])(
  'Hive Gateway calculates the cost of a query from the page sizes and weights of the subgraph: %s',
  async composer => {
    const restcomm = await startRestcomm({ LOG_LEVEL: 'silent' })
    onTestFinished(restcomm.close)
    const supergraph = await composeSupergraph({ restcomm: restcomm.url }, composer)
    const demandControl = { includeExtensionMetadata: true, maxCost: 1_000 }
    await using gateway = createGatewayRuntime({ supergraph, logging: 'error', demandControl })
    const post = async (query: string) => {
      const headers = { 'content-type': 'application/json' }
      const response = await gateway.fetch('http://localhost/graphql', {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      })
      return response.json()
    }

    const tenRows = await post('{ conferences(first: 10) { nodes { sid } pageInfo { endCursor } } }')
    expect(tenRows).toMatchObject({ extensions: { cost: { estimated: 1 + 10 } } })
    const nested = await post(
      '{ conferences(last: 4) { edges { node { participants(first: 5) { nodes { muted } } } } } }',
    )
    expect(nested).toMatchObject({ extensions: { cost: { estimated: 1 + 4 + 4 * (1 + 5) } } })
    const tooCostly = await post(
      '{ conferences(first: 500) { nodes { participants(first: 500) { totalCount nodes { id } } } } }',
    )
    expect(tooCostly).toMatchObject({ errors: [{ extensions: { code: 'COST_ESTIMATED_TOO_EXPENSIVE' } }] })
  },
  60_000,
)
