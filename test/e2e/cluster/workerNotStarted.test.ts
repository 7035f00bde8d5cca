import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startCluster } from '../../support/startCluster.ts'

/** Preloaded into the primary. While the file `refused` exists, the program of workers is missing. */
const refuseStarts = (refused: string): string => `
  import cluster from 'node:cluster'
  import { existsSync } from 'node:fs'
  const program = process.execPath
  if (cluster.isPrimary) {
    Object.defineProperty(process, 'execPath', { get: () => (existsSync('${refused}') ? '/nowhere/node' : program) })
  }`

/** If the program is missing, Node emits an event. Unit tests cover other failures, for which Node throws. */
it('if the program is missing, a rolling restart keeps the old workers, and the start of a missing worker is repeated', {
  timeout: 480_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const refused = join(folder, 'refused')
  const { gateway, workers, waitForReplacement } = await startCluster({
    RESTCOMM_URL: 'http://127.0.0.1:9/restcomm',
    SHUTDOWN_DELAY_MS: '0',
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(refuseStarts(refused))}`,
  })
  const before = workers()
  writeFileSync(refused, '')
  gateway.signal('SIGHUP')
  await gateway.waitForLog(/"msg":"rolling restart stopped, because a new worker did not start"/)
  expect(workers()).toEqual(before)

  const [victim = 0, other = 0] = before
  process.kill(victim, 'SIGKILL')
  await gateway.waitForLog(/"msg":"worker ended unexpectedly"(.*"msg":"worker start failed"){2}/s)
  expect(workers()).toEqual([other])
  rmSync(refused)
  await waitForReplacement([victim])
  expect(workers()).toContain(other)
  gateway.signal('SIGTERM')
  expect((await gateway.exited).code).toBe(0)
})
