import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { COMPILE_CACHE } from '../../support/mainProcess.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const FOLDER = new URL('../../../examples/clients/', import.meta.url)
const EXAMPLES = ['apollo.ts', 'fetch.ts', 'relay.ts', 'urql.ts']

/** Runs an example as documented in examples/README.md. */
async function run(example: string, settings: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(example, FOLDER))], {
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: COMPILE_CACHE, GRAPHQL_URL: gateway.url, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

/** The expected output: all conferences, in pages of ten. */
const expectedOutput = (label: string): string =>
  gateway.sandbox.rows
    .conferencesOf(accountOf(label).sid)
    .toSorted((a, b) => (a.sid < b.sid ? -1 : 1))
    .map(
      ({ sid, friendly_name, status }, i) =>
        `${i % 10 === 0 ? `Page ${i / 10 + 1}\n` : ''}  ${sid}  ${friendly_name ?? '-'}  (${status})\n`,
    )
    .join('')

it('examples/clients contains no untested script', () => {
  const scripts = readdirSync(FOLDER).filter(name => name.endsWith('.ts') && name !== 'gateway.ts')
  expect(scripts.toSorted()).toEqual(EXAMPLES)
})

describe.each(EXAMPLES)('examples/clients/%s', example => {
  it(`examples/clients/${example} lists 137 conferences page by page`, async () => {
    const { sid, password } = accountOf('conf137')
    const { code, stdout, stderr } = await run(example, { ACCOUNT_SID: sid, AUTH_TOKEN: password })
    expect(stderr).toBe('')
    expect(stdout).toBe(expectedOutput('conf137'))
    expect(stdout.match(/^Page/gm)).toHaveLength(14)
    expect(code).toBe(0)
  })

  it(`examples/clients/${example} prints the error and exits with 1 without credentials`, async () => {
    const { code, stdout, stderr } = await run(example, {})
    expect(stdout).toBe('')
    expect(stderr).toContain('no `Authorization` header')
    expect(code).toBe(1)
  })
})
