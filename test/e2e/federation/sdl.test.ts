import { describe, expect, it } from 'vitest'
import { startGateway } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'

const settings = ['own', 'shared', 'off'] as const

const fieldsOf = async (node: (typeof settings)[number]): Promise<string[]> => {
  const gateway = await startGateway({ env: { FEDERATION_NODE: node } })
  const { data } = await gateway.query('{ __type(name: "Query") { fields { name } } }').finally(() => gateway.close())
  return data.__type.fields.map(({ name }: { name: string }) => name)
}

describe('the schema for other subgraphs', () => {
  it.each(settings)(
    'is the same for who asks the gateway and for who asks the command: FEDERATION_NODE=%s',
    async node => {
      const gateway = await startGateway({ env: { FEDERATION_NODE: node } })
      const { data } = await gateway.query('{ _service { sdl } }', { as: null }).finally(() => gateway.close())
      const { stdout, stderr } = await runMain(['schema', '--federation'], { FEDERATION_NODE: node }).outcome
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

  it.each(settings)('is what can be asked, with a router or without: FEDERATION_NODE=%s', async node => {
    const lookUps = node === 'off' ? [] : ['node', 'nodes']
    expect((await fieldsOf(node)).filter(name => /^nodes?$/.test(name))).toEqual(lookUps)
    const { stdout } = await runMain(['schema', '--api'], { FEDERATION_NODE: node }).outcome
    expect([...stdout.matchAll(/^ {2}(nodes?)\($/gm)].map(([, name]) => name)).toEqual(lookUps)
    expect(stdout).toContain('interface Node {')
    expect(stdout).not.toMatch(/@key|@shareable|@link|_entities|_service/)
  })

  it('is not printed with a setting that there is not', async () => {
    expect(await runMain(['schema', '--federation'], { FEDERATION_NODE: 'none' }).outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: 'FEDERATION_NODE must be one of own, shared, off, and not "none".\n',
    })
  })
})
