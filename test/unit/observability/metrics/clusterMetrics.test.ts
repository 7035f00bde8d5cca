import type { Worker } from 'node:cluster'
import { EventEmitter } from 'node:events'
import { Counter, Registry } from 'prom-client'
import { expect, it, onTestFinished } from 'vitest'
import { PrimaryMetrics, WorkerMetrics } from '../../../../src/observability/metrics/clusterMetrics.ts'
import { parseExposition, sumOf } from '../../../support/exposition.ts'

/** One end of the channel between the primary and a worker. `send` emits the message at the other end. */
class ChannelEnd extends EventEmitter {
  readonly id: number
  /** A stopped process does not read messages. */
  isStopped = false
  other: ChannelEnd | null = null

  constructor(id: number) {
    super()
    this.id = id
  }

  send(message: object, callback: () => void): boolean {
    const text = JSON.stringify(message)
    setImmediate(() => {
      if (this.other?.isStopped === false) this.other.emit('message', JSON.parse(text))
      callback()
    })
    return true
  }
}

/** Adds a worker with `count` operations to the primary. */
async function addWorker(primary: PrimaryMetrics, id: number, count: number) {
  const [end, workerEnd] = [new ChannelEnd(id), new ChannelEnd(id)]
  end.other = workerEnd
  workerEnd.other = end
  const registry = new Registry()
  const counter = new Counter({ name: 'operations_total', help: 'a', registers: [registry] })
  counter.inc(count)
  const metrics = new WorkerMetrics(workerEnd as EventEmitter as Worker)
  metrics.register(() => registry.getMetricsAsJSON())
  primary.add(end as EventEmitter as Worker)
  await metrics.report()
  const readTotal = async () => sumOf(parseExposition(await metrics.exposition()), 'operations_total')
  return { end, workerEnd, counter, readTotal }
}

it('PrimaryMetrics uses the previous values of a worker which does not report in time', async () => {
  const primary = new PrimaryMetrics(50)
  const [stopped, other] = [await addWorker(primary, 1, 3), await addWorker(primary, 2, 4)]
  expect(await other.readTotal()).toBe(7)
  stopped.workerEnd.isStopped = true
  stopped.counter.inc()
  other.counter.inc()
  expect(await other.readTotal()).toBe(8)
})

it('PrimaryMetrics does not wait for a worker which ends during the request', async () => {
  const primary = new PrimaryMetrics(3_600_000)
  const [stopped, other] = [await addWorker(primary, 1, 3), await addWorker(primary, 2, 4)]
  stopped.workerEnd.isStopped = true
  const total = other.readTotal()
  const { promise: requested, resolve } = Promise.withResolvers<void>()
  other.workerEnd.once('message', () => resolve())
  await requested
  stopped.end.emit('disconnect')
  expect(await total).toBe(7)
})

it('PrimaryMetrics responds to many requests at the same time without a warning about listeners', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => {
    process.off('warning', onWarning)
  })
  const primary = new PrimaryMetrics()
  const [first, second] = [await addWorker(primary, 1, 3), await addWorker(primary, 2, 4)]
  const totals = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? first : second).readTotal())
  expect(new Set(await Promise.all(totals))).toEqual(new Set([7]))
  expect(warnings).toEqual([])
})

it('WorkerMetrics sends an empty report without registered metrics', async () => {
  const primary = new PrimaryMetrics()
  const { readTotal } = await addWorker(primary, 1, 3)
  const end = new ChannelEnd(2)
  const workerEnd = new ChannelEnd(2)
  end.other = workerEnd
  workerEnd.other = end
  primary.add(end as EventEmitter as Worker)
  await new WorkerMetrics(workerEnd as EventEmitter as Worker).report()
  expect(await readTotal()).toBe(3)
})

it('PrimaryMetrics sends the metrics of the other workers to a worker which has not reported yet', async () => {
  const primary = new PrimaryMetrics()
  await addWorker(primary, 1, 3)
  const [end, workerEnd] = [new ChannelEnd(2), new ChannelEnd(2)]
  end.other = workerEnd
  workerEnd.other = end
  primary.add(end as EventEmitter as Worker)
  const metrics = new WorkerMetrics(workerEnd as EventEmitter as Worker)
  expect(sumOf(parseExposition(await metrics.exposition()), 'operations_total')).toBe(3)
})
