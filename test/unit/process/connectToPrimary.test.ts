import type { Worker } from 'node:cluster'
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { connectToPrimary } from '../../../src/process/connectToPrimary.ts'

const HEARTBEAT_INTERVAL_MS = 1_000

/** The worker's end of the channel. `onSend` is called for each message to the primary. */
function connect(onSend: (worker: EventEmitter, message: unknown) => void) {
  const emitter = new EventEmitter()
  const worker = Object.assign(emitter, { send: (message: unknown) => onSend(emitter, message) })
  const shutDown = vi.fn()
  connectToPrimary(worker as EventEmitter as Worker, shutDown)
  return { worker, shutDown }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('connectToPrimary sends heartbeats from the start, and ignores messages of other kinds', () => {
  const sent: unknown[] = []
  const { worker, shutDown } = connect((_worker, message) => sent.push(message))
  expect(sent).toEqual([{ kind: 'heartbeat' }])
  vi.advanceTimersByTime(3 * HEARTBEAT_INTERVAL_MS)
  expect(sent).toEqual(Array.from({ length: 4 }, () => ({ kind: 'heartbeat' })))
  worker.emit('message', { kind: 'report metrics' })
  expect(shutDown).not.toHaveBeenCalled()
})

it('connectToPrimary shuts down if the first heartbeat is answered with a shutdown request', () => {
  const { shutDown } = connect(worker => worker.emit('message', { kind: 'shut down', reason: 'SIGTERM' }))
  expect(shutDown.mock.calls).toEqual([['SIGTERM']])
})

it('connectToPrimary shuts down after the end of the primary, without the immediate exit by Node', () => {
  const { worker, shutDown } = connect(() => undefined)
  worker.emit('disconnect')
  expect(shutDown.mock.calls).toEqual([['primary ended']])
  expect(worker).toHaveProperty('exitedAfterDisconnect', true)
})
