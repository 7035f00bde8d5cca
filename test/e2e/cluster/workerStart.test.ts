import { expect, it } from 'vitest'
import { runMain } from '../../support/mainProcess.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { workerPids } from '../../support/workerPids.ts'

/** Preloaded into the second worker. Blocks the event loop, so that messages of the primary arrive together. */
const DELAY_START = `
  import cluster from 'node:cluster'
  if (cluster.worker?.id === 2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500)`

it('a worker receives a shutdown request during its start, and shuts down after the start', {
  timeout: 480_000,
}, async () => {
  const gateway = runMain([], {
    PORT: '0',
    WORKERS: '2',
    RESTCOMM_URL: 'http://127.0.0.1:9/restcomm',
    SHUTDOWN_DELAY_MS: '0',
    SHUTDOWN_TIMEOUT_MS: '30000',
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(DELAY_START)}`,
  })
  await waitUntil(() => workerPids(gateway.pid).length === 2, 'the second worker starts', 240_000)
  gateway.signal('SIGTERM')
  const { code, stderr } = await gateway.exited
  expect(code).toBe(0)
  expect(stderr.match(/shutdown complete/g)).toHaveLength(2)
  expect(stderr).not.toContain('shutdown timed out')
})
