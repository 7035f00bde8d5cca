import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { apiSdl, federationSdl } from '../../../src/graphql/schema.ts'
import { startGateway } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'

const NODE_SETTINGS = ['own', 'shared', 'off'] as const

async function queryOnce(node: (typeof NODE_SETTINGS)[number], query: string) {
  const gateway = await startGateway({ env: { FEDERATION_NODE: node } })
  return (await gateway.query(query).finally(() => gateway.close())).data
}

describe('the subgraph SDL', () => {
  it.each(NODE_SETTINGS)('_service.sdl is the SDL of the subgraph with FEDERATION_NODE=%s', async node => {
    const gateway = await startGateway({ env: { FEDERATION_NODE: node } })
    const { data } = await gateway.query('{ _service { sdl } }', { as: null }).finally(() => gateway.close())
    const sdl = federationSdl({ node })
    expect(data._service.sdl).toBe(sdl)
    expect(sdl).toContain('@link(url: "https://specs.apollo.dev/federation/v2')
    expect(sdl.match(/^ {2}\): \[?Node\]?!? ?.*$/gm)).toEqual(
      {
        own: ['  ): Node @cost(weight: 1)', '  ): [Node]! @cost(weight: 1)'],
        shared: ['  ): Node @cost(weight: 1) @shareable', '  ): [Node]! @cost(weight: 1) @shareable'],
        off: null,
      }[node],
    )
  })

  it.each(NODE_SETTINGS)(
    'introspection shows the API schema, without types for routers, with FEDERATION_NODE=%s',
    async node => {
      const nodeFields = node === 'off' ? [] : ['node', 'nodes']
      const sdl = apiSdl({ node })
      const introspected = buildClientSchema(await queryOnce(node, getIntrospectionQuery({ specifiedByUrl: true })))
      expect(printSchema(lexicographicSortSchema(introspected))).toBe(
        printSchema(lexicographicSortSchema(buildSchema(sdl))),
      )
      expect([...sdl.matchAll(/^ {2}(nodes?)\($/gm)].map(([, name]) => name)).toEqual(nodeFields)
      expect(sdl).toContain('interface Node {')
      expect(sdl).not.toMatch(/@key|@shareable|@link|@cost|@listSize|_entities|_service/)
    },
  )

  it('FEDERATION_NODE_KEY and FEDERATION_TAG change _service.sdl and not the schema for clients', async () => {
    const env = { FEDERATION_NODE_KEY: 'true', FEDERATION_TAG: 'telephony' }
    const gateway = await startGateway({ env })
    const { data } = await gateway.query('{ _service { sdl } }', { as: null }).finally(() => gateway.close())
    const { sdl } = data._service
    const options = { nodeKey: true, tag: 'telephony' }
    expect(sdl).toBe(federationSdl(options))
    expect(sdl).toContain('interface Node @key(fields: "id") @tag(name: "telephony") {')
    expect(sdl).toMatch(/^ {2}viewer: Account .*@tag\(name: "telephony"\)$/m)
    expect(sdl).toMatch(/^enum CallStatus @tag\(name: "telephony"\) \{$/m)
    // A tag of a root type would apply to the root fields of other subgraphs.
    expect(sdl).toMatch(/^type Query \{$/m)
    expect(apiSdl(options)).toBe(apiSdl())
  })

  it('introspection shows the complete schema in a query that selects _service', async () => {
    const data = await queryOnce('own', '{ _service { sdl } __type(name: "_Any") { name } viewer { sid } }')
    expect(data).toMatchObject({ _service: { sdl: expect.any(String) }, __type: { name: '_Any' } })
    expect(await queryOnce('own', '{ __type(name: "_Any") { name } viewer { __typename } }')).toEqual({
      __type: null,
      viewer: { __typename: 'Account' },
    })
  })

  it.each([
    { option: '--federation', node: 'shared', sdl: federationSdl({ node: 'shared' }) },
    { option: '--api', node: 'off', sdl: apiSdl({ node: 'off' }) },
  ])('`schema $option` prints the SDL for the value of FEDERATION_NODE', async ({ option, node, sdl }) => {
    const { stdout, stderr } = await runMain(['schema', option], { FEDERATION_NODE: node }).exited
    expect({ stdout, stderr }).toEqual({ stdout: sdl, stderr: '' })
  })

  it('`schema --federation` exits with 1 for an unknown FEDERATION_NODE', async () => {
    expect(await runMain(['schema', '--federation'], { FEDERATION_NODE: 'none' }).exited).toEqual({
      code: 1,
      stdout: '',
      stderr: 'FEDERATION_NODE is "none": expected one of own, shared, off.\n',
    })
  })
})
