import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/** Whether `redis-server` is installed. With REQUIRE_REDIS, as in CI, a missing `redis-server` is an error. */
export const hasRedis = (() => {
  const found = spawnSync('redis-server', ['--version']).status === 0
  if (!found && process.env.REQUIRE_REDIS) throw new Error('REQUIRE_REDIS is set, but redis-server is not installed.')
  if (!found) process.stderr.write('SKIPPED: redis-server is not installed, so tests of several replicas do not run.\n')
  return found
})()

export interface RedisServer {
  readonly url: string
  /** Kills the server; all data is lost. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Suspends the server with all connections open, until `resume`. */
  hang(): void
  resume(): void
}

/**
 * Starts a Redis server on a free port, without persistence. Each start loads `dump.rdb` from `folder`, if the file
 * exists.
 */
export async function startRedis(folder = '.'): Promise<RedisServer> {
  const port = await freePort()
  const spawnServer = async () => {
    const arguments_ = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
    arguments_.push('--save', '', '--appendonly', 'no')
    const child = spawn('redis-server', arguments_, { stdio: 'ignore' })
    for (let attempt = 0; !(await accepts(port)); attempt++) {
      if (attempt > 400 || child.exitCode !== null)
        throw new Error(`redis-server did not listen on port ${port} within 10 s.`)
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    return child
  }
  let child = await spawnServer()
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    start: async () => {
      child = await spawnServer()
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
