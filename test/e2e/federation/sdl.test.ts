import { describe, expect, it } from 'vitest'
import { startGateway } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'

const NODE_SETTINGS = ['own', 'shared', 'off'] as const

async function queryFieldNames(node: (typeof NODE_SETTINGS)[number]): Promise<string[]> {
  const gateway = await startGateway({ env: { FEDERATION_NODE: node } })
  const { data } = await gateway.query('{ __type(name: "Query") { fields { name } } }').finally(() => gateway.close())
  return data.__type.fields.map(({ name }: { name: string }) => name)
}

describe('the subgraph SDL', () => {
  it.each(NODE_SETTINGS)(
    '_service.sdl equals the output of `schema --federation` with FEDERATION_NODE=%s',
    async node => {
      const gateway = await startGateway({ env: { FEDERATION_NODE: node } })
      const { data } = await gateway.query('{ _service { sdl } }', { as: null }).finally(() => gateway.close())
      const { stdout, stderr } = await runMain(['schema', '--federation'], { FEDERATION_NODE: node }).exited
      expect(stderr).toBe('')
      expect(data._service.sdl).toBe(stdout)
      expect(stdout).toContain('@link(url: "https://specs.apollo.dev/federation/v2')
      expect(stdout.match(/^ {2}\): \[?Node\]?!? ?.*$/gm)).toEqual(
        { own: ['  ): Node', '  ): [Node]!'], shared: ['  ): Node @shareable', '  ): [Node]! @shareable'], off: null }[
          node
        ],
      )
    },
  )

  it.each(NODE_SETTINGS)(
    'introspection and `schema --api` have the same root fields with FEDERATION_NODE=%s',
    async node => {
      const nodeFields = node === 'off' ? [] : ['node', 'nodes']
      expect((await queryFieldNames(node)).filter(name => /^nodes?$/.test(name))).toEqual(nodeFields)
      const { stdout } = await runMain(['schema', '--api'], { FEDERATION_NODE: node }).exited
      expect([...stdout.matchAll(/^ {2}(nodes?)\($/gm)].map(([, name]) => name)).toEqual(nodeFields)
      expect(stdout).toContain('interface Node {')
      expect(stdout).not.toMatch(/@key|@shareable|@link|_entities|_service/)
    },
  )

  it('`schema --federation` exits with 1 for an unknown FEDERATION_NODE', async () => {
    expect(await runMain(['schema', '--federation'], { FEDERATION_NODE: 'none' }).exited).toEqual({
      code: 1,
      stdout: '',
      stderr: 'FEDERATION_NODE is "none": expected one of own, shared, off.\n',
    })
  })
})
