import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runMain } from '../../support/mainProcess.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { workerPids } from '../../support/workerPids.ts'

/** Node says so later, by an event. */
const WITHOUT_PROGRAM = `
  const program = process.execPath
  Object.defineProperty(process, 'execPath', { get: () => (isRefused() ? '/nowhere/node' : program) })`

/** Node says so at once, by throwing. */
const WITHOUT_MEMORY = `
  const { fork } = cluster
  cluster.fork = () => {
    if (isRefused()) throw new Error('spawn ENOMEM')
    return fork.call(cluster)
  }`

/** Two workers, the code of the primary being such that it can start no others while they are refused. */
const begin = async (code: string) => {
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
  await waitUntil(() => workers().length === 2, 'both workers are there')
  return {
    gateway,
    workers,
    refuse: () => writeFileSync(refused, ''),
    allow: () => rmSync(refused),
    tried: (times: number) =>
      waitUntil(() => readFileSync(tries, 'utf8').length >= times, `it is tried ${times} times`),
  }
}

describe.each([
  ['since its program is not there', WITHOUT_PROGRAM],
  ['since there is no memory for it', WITHOUT_MEMORY],
])('a worker that cannot be started, %s', { timeout: 120_000 }, (_reason, code) => {
  it('ends a roll: the others stay, and the next SIGHUP replaces them', async () => {
    const { gateway, workers, refuse, allow, tried } = await begin(code)
    const before = workers()
    refuse()
    gateway.signal('SIGHUP')
    await tried(1)
    allow()
    expect([...workers()].sort()).toEqual([...before].sort())
    gateway.signal('SIGHUP')
    await waitUntil(() => before.every(pid => !workers().includes(pid)), 'all are replaced', 60_000)
    gateway.signal('SIGTERM')
    const { code: exitCode, stderr } = await gateway.exited
    expect(exitCode).toBe(0)
    expect(stderr).toContain('worker start failed')
    expect(stderr).toContain('rolling restart stopped, because a new worker did not start')
    expect(stderr).toContain('rolling restart complete')
  })

  it('is tried again where one is missing', async () => {
    const { gateway, workers, refuse, allow, tried } = await begin(code)
    const [victim = 0, other = 0] = workers()
    refuse()
    process.kill(victim, 'SIGKILL')
    await tried(2)
    expect(workers()).toEqual([other])
    allow()
    await waitUntil(() => workers().length === 2, 'another has its place', 30_000)
    expect(workers()).toContain(other)
    gateway.signal('SIGTERM')
    expect((await gateway.exited).code).toBe(0)
  })
})
