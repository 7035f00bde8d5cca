import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startCluster } from '../../support/startCluster.ts'
import { waitUntil } from '../../support/waitUntil.ts'

/** Preloaded into the primary. While the file `refused` exists, the program of workers is missing. */
const refuseStarts = (refused: string, tries: string): string => `
  import cluster from 'node:cluster'
  import { appendFileSync, existsSync } from 'node:fs'
  const program = process.execPath
  const isRefused = () => {
    if (!existsSync('${refused}')) return false
    appendFileSync('${tries}', 'x')
    return true
  }
  if (cluster.isPrimary) {
    Object.defineProperty(process, 'execPath', { get: () => (isRefused() ? '/nowhere/node' : program) })
  }`

/** If the program is missing, Node emits an event. Unit tests cover other failures, for which Node throws. */
it('if the program is missing, a rolling restart keeps the old workers, and the start of a missing worker is repeated', {
  timeout: 480_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [refused, tries] = [join(folder, 'refused'), join(folder, 'tries')]
  writeFileSync(tries, '')
  const untilTried = (times: number) =>
    waitUntil(() => readFileSync(tries, 'utf8').length >= times, `a start has failed ${times} times`)
  const { gateway, workers, waitForReplacement } = await startCluster({
    RESTCOMM_URL: 'http://127.0.0.1:9/restcomm',
    SHUTDOWN_DELAY_MS: '0',
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(refuseStarts(refused, tries))}`,
  })
  const before = workers()
  writeFileSync(refused, '')
  gateway.signal('SIGHUP')
  await gateway.waitForLog(/"msg":"rolling restart stopped, because a new worker did not start"/)
  expect(workers()).toEqual(before)

  const [victim = 0, other = 0] = before
  process.kill(victim, 'SIGKILL')
  await untilTried(3)
  expect(workers()).toEqual([other])
  rmSync(refused)
  await waitForReplacement([victim])
  expect(workers()).toContain(other)

  gateway.signal('SIGTERM')
  const { code, stderr } = await gateway.exited
  expect(code).toBe(0)
  expect(stderr).toContain('worker start failed')
})
