import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { ask } from '../src/ask.ts'

const START = fileURLToPath(new URL('../src/start.ts', import.meta.url))

const [, readmeQuery = ''] =
  /^```graphql\n([\s\S]*?)^```/m.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? []

const start = (gateway: string, port: number) => {
  const env = { PATH: process.env.PATH ?? '', PORT: String(port) }
  const child = spawn(process.execPath, [START, gateway], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

it.each(['hive', 'apollo'])(
  "starts by one command and ends by one signal, and answers the README's query: %s",
  async gateway => {
    const child = start(gateway, 0)
    let printed = ''
    for await (const part of child.stdout.setEncoding('utf8')) {
      printed += part
      if (/customers {2}http/.test(printed)) break
    }
    const [url = '', restcomm = ''] = printed.match(/http:\S+/g) ?? []
    const { data, errors } = await ask(url, readmeQuery)
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

it('says in one sentence that its port is taken, and leaves nothing behind', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const child = start('apollo', port)
  const ended = once(child, 'exit')
  expect(await text(child.stderr)).toBe(`Cannot listen on port ${port}; set PORT to another one.\n`)
  expect(await ended).toEqual([1, null])
}, 60_000)
