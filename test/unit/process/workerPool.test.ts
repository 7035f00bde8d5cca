import cluster, { type Worker } from 'node:cluster'
import { EventEmitter } from 'node:events'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WorkerPool } from '../../../src/process/workerPool.ts'

/** Constants of the pool and of the workers. */
const HEARTBEAT_TIMEOUT_MS = 10_000
const HEARTBEAT_INTERVAL_MS = 1_000
const START_TIMEOUT_MS = 30_000
/** No process has a larger PID. */
const MAX_PID = 4_194_304

/** A worker without a process. Emits the events which Node emits for a worker. */
class FakeWorker extends EventEmitter {
  readonly id: number
  readonly sent: unknown[] = []
  readonly process: EventEmitter & { pid: number; kill: (signal: string) => void; send: (message: object) => boolean }

  constructor(id: number) {
    super()
    this.id = id
    const kill = (signal: string) => this.end(null, signal)
    this.process = Object.assign(new EventEmitter(), { pid: MAX_PID + id, kill, send: () => true })
    this.process.once('disconnect', () => this.emit('disconnect'))
  }

  send(message: unknown): boolean {
    this.sent.push(message)
    return true
  }

  sendHeartbeat(): void {
    this.emit('message', { kind: 'heartbeat' })
  }

  /** Node emits no `disconnect` if the worker has not confirmed a connection. */
  end(code: number | null, signal: string | null, hasUnconfirmedConnection = false): void {
    this.process.emit('exit', code, signal)
    this.emit('exit', code, signal)
    if (!hasUnconfirmedConnection) this.process.emit('disconnect')
    this.process.emit('close', code, signal)
  }
}

const workers: FakeWorker[] = []
const logged: { msg: string; worker?: number; restartMs?: number }[] = []
const exitListeners = process.listeners('exit')
/** Simulates a pause of the primary, during which no timer runs. */
let pausedMs = 0

beforeEach(() => {
  workers.length = 0
  logged.length = 0
  pausedMs = 0
  vi.useFakeTimers()
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + pausedMs)
  vi.spyOn(cluster, 'fork').mockImplementation(() => {
    const worker = new FakeWorker(workers.length + 1)
    workers.push(worker)
    return worker as EventEmitter as Worker
  })
})

afterEach(() => {
  for (const listener of process.listeners('exit')) {
    if (!exitListeners.includes(listener)) process.off('exit', listener)
  }
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function createPool(size: number): WorkerPool {
  const log = pino({}, { write: line => logged.push(JSON.parse(line)) })
  return new WorkerPool({ size, startTimeoutMs: START_TIMEOUT_MS, log })
}

/** Returns a pool of two serving workers. */
async function startTwoWorkers() {
  const pool = createPool(2)
  workers[0]?.sendHeartbeat()
  await vi.advanceTimersByTimeAsync(0)
  workers[1]?.sendHeartbeat()
  await vi.advanceTimersByTimeAsync(0)
  const [first, second] = workers
  if (first === undefined || second === undefined) throw new Error('The pool did not start two workers.')
  return { pool, first, second }
}

/** Advances the time by whole heartbeat intervals. The workers in `alive` send heartbeats. */
async function advance(ms: number, alive: readonly FakeWorker[]): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += HEARTBEAT_INTERVAL_MS) {
    await vi.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS)
    for (const worker of alive) worker.sendHeartbeat()
  }
}

const REPLACED = { kind: 'shut down', reason: 'replaced' }

/** Makes each start of a worker throw until the returned function is called. */
function refuseFork(): () => void {
  const fork = vi.mocked(cluster.fork).getMockImplementation()
  vi.mocked(cluster.fork).mockImplementation(() => {
    throw new Error('spawn ENOMEM')
  })
  return () => {
    if (fork !== undefined) vi.mocked(cluster.fork).mockImplementation(fork)
  }
}

/** Reasons for which a new worker does not start, until the returned function is called. */
const RESTART_FAILURES: readonly [string, () => () => void][] = [
  ['hangs during its start', () => () => undefined],
  ['cannot be started', refuseFork],
]

const events = () => logged.map(({ msg, worker }) => [msg, worker])

describe('heartbeat of WorkerPool', () => {
  it('WorkerPool kills and replaces a worker which has sent no heartbeat for the time limit', async () => {
    const { first, second } = await startTwoWorkers()
    await advance(HEARTBEAT_TIMEOUT_MS - HEARTBEAT_INTERVAL_MS, [second])
    expect(logged).toEqual([])
    await advance(100, [second])
    expect(events()).toEqual([
      ['worker unresponsive, killing worker', first.process.pid],
      ['worker ended unexpectedly', first.process.pid],
    ])
    expect(logged).toMatchObject([{ silentMs: HEARTBEAT_TIMEOUT_MS }, { signal: 'SIGKILL', restartMs: 100 }])
    await advance(100, [second])
    expect(workers).toHaveLength(3)
  })

  it('WorkerPool keeps a busy worker whose heartbeats are late but within the time limit', async () => {
    const { first, second } = await startTwoWorkers()
    for (let round = 0; round < 5; round++) {
      await advance(HEARTBEAT_TIMEOUT_MS - HEARTBEAT_INTERVAL_MS, [second])
      first.sendHeartbeat()
    }
    expect(logged).toEqual([])
  })

  it('WorkerPool kills no worker after a pause of the primary', async () => {
    const { first, second } = await startTwoWorkers()
    await advance(HEARTBEAT_TIMEOUT_MS - HEARTBEAT_INTERVAL_MS, [])
    for (let round = 0; round < 20; round++) {
      pausedMs += 60 * HEARTBEAT_TIMEOUT_MS
      await vi.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS)
    }
    first.sendHeartbeat()
    second.sendHeartbeat()
    await advance(10 * HEARTBEAT_TIMEOUT_MS, [first, second])
    expect(logged).toEqual([])
  })

  it('WorkerPool expects no heartbeat of a starting worker, and kills the worker after the start timeout', async () => {
    const { first, second } = await startTwoWorkers()
    first.end(1, null)
    await advance(START_TIMEOUT_MS, [second])
    expect(events()).toEqual([['worker ended unexpectedly', first.process.pid]])
    await advance(100, [second])
    expect(events().slice(1)).toEqual([
      ['worker start timed out, killing worker', workers[2]?.process.pid],
      ['worker ended unexpectedly', workers[2]?.process.pid],
    ])
  })

  it('WorkerPool kills an unresponsive worker which was asked to shut down, and starts no other worker', async () => {
    const { pool, first, second } = await startTwoWorkers()
    const ended = pool.shutDown('SIGTERM')
    second.end(0, null)
    await advance(HEARTBEAT_TIMEOUT_MS, [])
    await ended
    expect(events()).toEqual([['worker unresponsive, killing worker', first.process.pid]])
    expect(workers).toHaveLength(2)
  })
})

describe('connections passed to the workers of a WorkerPool', () => {
  it('WorkerPool counts an ended worker no longer in the metrics, although the worker has not confirmed a connection', async () => {
    const { first, second } = await startTwoWorkers()
    const values = [{ value: 1, labels: {} }]
    const snapshot = [{ name: 'processes', help: 'a', type: 'gauge', aggregator: 'sum', values }]
    for (const worker of [first, second]) worker.emit('message', { kind: 'metrics', snapshot })
    first.end(null, 'SIGKILL', true)
    second.emit('message', { kind: 'request cluster metrics' })
    second.emit('message', { kind: 'metrics', snapshot })
    await vi.waitFor(() =>
      expect(second.sent).toContainEqual({ kind: 'cluster metrics', text: expect.stringMatching(/^processes 1$/m) }),
    )
  })

  it('WorkerPool closes the connections which were passed to an ended worker and not confirmed', async () => {
    const { first } = await startTwoWorkers()
    const connections = [1, 2, 3].map(() => ({ close: vi.fn() }))
    connections.forEach((connection, seq) => {
      Reflect.apply(first.process.send, first.process, [{ act: 'newconn', seq }, connection])
    })
    first.process.send({ act: 'disconnect', seq: 3 })
    first.process.emit('internalMessage', { act: 'listening' })
    first.process.emit('internalMessage', { ack: 1, accepted: false })
    first.end(null, 'SIGKILL', true)
    expect(connections.map(({ close }) => close.mock.calls.length)).toEqual([1, 0, 1])
  })
})

describe('restarts of WorkerPool', () => {
  it('WorkerPool sends a shutdown request to a starting worker after the first heartbeat', async () => {
    const pool = createPool(2)
    const [worker] = workers
    const ended = pool.shutDown('SIGTERM')
    expect(worker?.sent).toEqual([])
    worker?.sendHeartbeat()
    expect(worker?.sent).toEqual([{ kind: 'shut down', reason: 'SIGTERM' }])
    worker?.end(0, null)
    await ended
    expect(workers).toHaveLength(1)
  })

  it('WorkerPool combines several restart requests during a rolling restart into a second restart', async () => {
    const { pool } = await startTwoWorkers()
    for (let i = 0; i < 5; i++) {
      pool.restart()
      await vi.advanceTimersByTimeAsync(0)
    }
    for (let i = 2; i < 10; i++) {
      workers[i]?.sendHeartbeat()
      await vi.advanceTimersByTimeAsync(0)
    }
    expect(events().map(([event]) => event)).toEqual([
      'rolling restart started',
      'rolling restart complete',
      'rolling restart started',
      'rolling restart complete',
    ])
    expect(workers).toHaveLength(6)
  })

  it('WorkerPool replaces all workers if a restart is requested during the start of the first worker', async () => {
    const pool = createPool(2)
    pool.restart()
    for (let i = 0; i < 4; i++) {
      workers[i]?.sendHeartbeat()
      await vi.advanceTimersByTimeAsync(0)
    }
    const requests = workers.map(({ sent }) => sent)
    expect(requests).toEqual([[REPLACED], [REPLACED], [], []])
  })

  it('WorkerPool replaces a worker which ends during a rolling restart', async () => {
    const { pool, first, second } = await startTwoWorkers()
    pool.restart()
    await vi.advanceTimersByTimeAsync(0)
    second.end(null, 'SIGKILL')
    await vi.advanceTimersByTimeAsync(100)
    expect(workers).toHaveLength(3)
    workers[2]?.sendHeartbeat()
    await vi.advanceTimersByTimeAsync(0)
    expect(first.sent).toEqual([REPLACED])
    expect(workers).toHaveLength(4)
  })

  it.each(RESTART_FAILURES)(
    'WorkerPool stops a rolling restart if a new worker %s: the old workers stay, and the next restart replaces them',
    async (_title, fail) => {
      const { pool, first, second } = await startTwoWorkers()
      const allow = fail()
      pool.restart()
      await advance(START_TIMEOUT_MS, [first, second])
      expect(events().map(([event]) => event)).toContain('rolling restart stopped, because a new worker did not start')
      expect([first.sent, second.sent]).toEqual([[], []])
      allow()
      pool.restart()
      for (let i = 0; i < 2; i++) {
        await vi.advanceTimersByTimeAsync(0)
        workers.at(-1)?.sendHeartbeat()
      }
      await vi.advanceTimersByTimeAsync(0)
      expect(events().at(-1)).toEqual(['rolling restart complete', undefined])
      expect([first.sent, second.sent]).toEqual([[REPLACED], [REPLACED]])
    },
  )

  it('WorkerPool repeats the start of a missing worker with increasing delays while no worker can be started', async () => {
    const { first, second } = await startTwoWorkers()
    const allow = refuseFork()
    first.end(null, 'SIGKILL')
    await advance(1_000, [second])
    expect(logged.map(({ msg, restartMs }) => [msg, restartMs])).toEqual([
      ['worker ended unexpectedly', 100],
      ['worker start failed', 200],
      ['worker start failed', 400],
      ['worker start failed', 800],
    ])
    expect(workers).toHaveLength(2)
    allow()
    await advance(1_000, [second])
    expect(workers).toHaveLength(3)
  })

  it('WorkerPool ends the primary with exit code 1 and logs nothing if the first worker ends before it serves', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
    createPool(2)
    workers[0]?.end(1, null)
    await vi.advanceTimersByTimeAsync(0)
    expect(exit.mock.calls).toEqual([[1]])
    expect(logged).toEqual([])
    expect(workers).toHaveLength(1)
  })

  it('WorkerPool restarts workers which end at the same time together', async () => {
    const { first, second } = await startTwoWorkers()
    first.end(1, null)
    second.end(1, null)
    expect(logged.map(({ restartMs }) => restartMs)).toEqual([100, 100])
    await vi.advanceTimersByTimeAsync(100)
    expect(workers).toHaveLength(4)
  })
})
