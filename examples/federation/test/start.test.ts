import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { sendQuery } from '../src/sendQuery.ts'

const START = fileURLToPath(new URL('../src/start.ts', import.meta.url))

const [, readmeQuery = ''] =
  /^```graphql\n([\s\S]*?)^```/m.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? []

function startExample(gateway: string, port: number) {
  const env = { PATH: process.env.PATH ?? '', PORT: String(port) }
  const child = spawn(process.execPath, [START, gateway], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

it.each(['hive', 'apollo'])(
  'the federation example starts, answers the query of its README and ends after SIGTERM: %s',
  async gateway => {
    const child = startExample(gateway, 0)
    let printed = ''
    for await (const part of child.stdout.setEncoding('utf8')) {
      printed += part
      if (/customers {2}http/.test(printed)) break
    }
    const [url = '', restcomm = ''] = printed.match(/http:\S+/g) ?? []
    const { data, errors } = await sendQuery(url, readmeQuery)
    expect(errors).toBeUndefined()
    expect(data.customers).toHaveLength(3)
    expect(data.conferences.nodes[0]).toEqual({
      friendlyName: data.customers[0].conferences[0].friendlyName,
      customer: { name: data.customers[0].name },
    })

    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    await expect(fetch(restcomm)).rejects.toThrow()
  },
  60_000,
)

it('the federation example prints an error and ends if its port is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const child = startExample('apollo', port)
  const ended = once(child, 'exit')
  expect(await text(child.stderr)).toBe(`Cannot listen on port ${port}: set PORT to a free port.\n`)
  expect(await ended).toEqual([1, null])
}, 60_000)
