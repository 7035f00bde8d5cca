import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runMain } from '../../support/mainProcess.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { workerPids } from '../../support/workerPids.ts'

/** Node reports the failure by an `error` event. */
const WITHOUT_PROGRAM = `
  const program = process.execPath
  Object.defineProperty(process, 'execPath', { get: () => (isRefused() ? '/nowhere/node' : program) })`

/** Node throws. */
const WITHOUT_MEMORY = `
  const { fork } = cluster
  cluster.fork = () => {
    if (isRefused()) throw new Error('spawn ENOMEM')
    return fork.call(cluster)
  }`

/** Starts two workers. `code` makes further starts fail after `refuse` until `allow`. */
const startGateway = async (code: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const refused = join(folder, 'refused')
  const tries = join(folder, 'tries')
  writeFileSync(tries, '')
  const text = `import cluster from 'node:cluster'
    import { appendFileSync, existsSync } from 'node:fs'
    const isRefused = () => {
      if (!existsSync('${refused}')) return false
      appendFileSync('${tries}', 'x')
      return true
    }
    if (cluster.isPrimary) { ${code} }`
  const gateway = runMain([], {
    PORT: '0',
    WORKERS: '2',
    RESTCOMM_URL: 'http://127.0.0.1:9/restcomm',
    SHUTDOWN_DELAY_MS: '0',
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(text)}`,
  })
  await gateway.waitForOutput(/GraphQL\s+http/)
  const workers = () => workerPids(gateway.pid)
  await waitUntil(() => workers().length === 2, 'both workers run', 240_000)
  return {
    gateway,
    workers,
    refuse: () => writeFileSync(refused, ''),
    allow: () => rmSync(refused),
    tried: (times: number) =>
      waitUntil(() => readFileSync(tries, 'utf8').length >= times, `a start has failed ${times} times`),
  }
}

describe.each([
  ['the program is missing', WITHOUT_PROGRAM],
  ['the memory is exhausted', WITHOUT_MEMORY],
])('a worker cannot be started, because %s', { timeout: 480_000 }, (reason, code) => {
  it(`a rolling restart stops if ${reason}: the old workers stay, and the next SIGHUP replaces them`, async () => {
    const { gateway, workers, refuse, allow, tried } = await startGateway(code)
    const before = workers()
    refuse()
    gateway.signal('SIGHUP')
    await tried(1)
    allow()
    expect([...workers()].sort()).toEqual([...before].sort())
    gateway.signal('SIGHUP')
    await waitUntil(() => before.every(pid => !workers().includes(pid)), 'all workers are replaced', 240_000)
    gateway.signal('SIGTERM')
    const { code: exitCode, stderr } = await gateway.exited
    expect(exitCode).toBe(0)
    expect(stderr).toContain('worker start failed')
    expect(stderr).toContain('rolling restart stopped, because a new worker did not start')
    expect(stderr).toContain('rolling restart complete')
  })

  it(`the start of a missing worker is repeated after a failure, because ${reason}`, async () => {
    const { gateway, workers, refuse, allow, tried } = await startGateway(code)
    const [victim = 0, other = 0] = workers()
    refuse()
    process.kill(victim, 'SIGKILL')
    await tried(2)
    expect(workers()).toEqual([other])
    allow()
    await waitUntil(() => workers().length === 2, 'the missing worker is replaced', 240_000)
    expect(workers()).toContain(other)
    gateway.signal('SIGTERM')
    expect((await gateway.exited).code).toBe(0)
  })
})
