import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/**
 * Whether there is a `redis-server` to test with. A check that counts sets REQUIRE_REDIS, and then there has to be one.
 */
export const hasRedis = (() => {
  const found = spawnSync('redis-server', ['--version']).status === 0
  if (!found && process.env.REQUIRE_REDIS) throw new Error('There is no redis-server, and REQUIRE_REDIS is set.')
  if (!found) process.stderr.write('SKIPPED: there is no redis-server, so nothing of what replicas share is tested.\n')
  return found
})()

export interface RedisServer {
  readonly url: string
  /** Kills it, with all that it knew. */
  kill(): Promise<void>
  /** Starts it again, on the same port and empty. */
  start(): Promise<void>
  /** Makes it stop answering, with all connections open, and answer again. */
  hang(): void
  resume(): void
}

/** A Redis of its own on a free port, which keeps nothing on disk. */
export const startRedis = async (): Promise<RedisServer> => {
  const port = await freePort()
  const begin = async () => {
    const arguments_ = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    const child = spawn('redis-server', arguments_, { stdio: 'ignore' })
    for (let attempt = 0; !(await accepts(port)); attempt++) {
      if (attempt > 400 || child.exitCode !== null) throw new Error(`redis-server does not listen on ${port}.`)
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    return child
  }
  let child = await begin()
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    start: async () => {
      child = await begin()
    },
    hang: () => {
      child.kill('SIGSTOP')
    },
    resume: () => {
      child.kill('SIGCONT')
    },
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const accepts = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
