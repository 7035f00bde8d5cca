import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { EventQueue } from '../../../src/live/eventQueue.ts'

const DAY = 86_400_000
let onClose: ReturnType<typeof vi.fn<() => void>>
let queue: EventQueue<string>
beforeEach(() => {
  vi.useFakeTimers()
  onClose = vi.fn<() => void>()
  queue = new EventQueue<string>(10, () => 'snapshot', onClose)
})
afterEach(() => {
  vi.useRealTimers()
})

const streamEnding = (inMs: number) => {
  queue.endAt(Date.now() + inMs, () => 'over')
  return queue
}
const read = async (stream: AsyncIterator<string>) => (await stream.next()).value

it('EventQueue.endAt ends the stream at the given time with the final item', async () => {
  const stream = streamEnding(1_000)
  vi.advanceTimersByTime(999)
  queue.push('a')
  expect(await read(stream)).toBe('a')
  const next = read(stream)
  vi.advanceTimersByTime(1)
  expect(await next).toBe('over')
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  expect(onClose).toHaveBeenCalledOnce()
})

it('EventQueue.endAt leaves items queued before the end readable', async () => {
  const stream = streamEnding(1_000)
  queue.push('a')
  vi.advanceTimersByTime(5_000)
  queue.push('b')
  expect(await read(stream)).toBe('a')
  expect(await read(stream)).toBe('over')
  expect((await stream.next()).done).toBe(true)
})

it('EventQueue.endAt ends the stream immediately for a time in the past', async () => {
  const stream = streamEnding(-1)
  expect(await read(stream)).toBe('over')
  expect((await stream.next()).done).toBe(true)
})

it('EventQueue.endAt supports times beyond the longest Node timer', async () => {
  const stream = streamEnding(60 * DAY)
  const next = read(stream)
  vi.advanceTimersByTime(59 * DAY)
  expect(onClose).not.toHaveBeenCalled()
  vi.advanceTimersByTime(DAY)
  expect(await next).toBe('over')
})

it('EventQueue.endAt ends the stream within a minute if the system clock jumps beyond the end', async () => {
  const next = read(streamEnding(10 * DAY))
  vi.setSystemTime(Date.now() + 11 * DAY)
  expect(onClose).not.toHaveBeenCalled()
  vi.advanceTimersByTime(60_000)
  expect(await next).toBe('over')
})

it('EventQueue.endAt ends the stream instead of an item after the end, although no timer has fired', async () => {
  const next = read(streamEnding(10 * DAY))
  vi.setSystemTime(Date.now() + 11 * DAY)
  queue.push('a')
  expect(await next).toBe('over')
  expect(vi.getTimerCount()).toBe(0)
})

it.each<[string, (stream: AsyncIterableIterator<string>) => Promise<unknown>]>([
  ['the reader returns', async stream => stream.return?.()],
  [
    'the stream ends earlier',
    async stream => {
      queue.end()
      return stream.next()
    },
  ],
])('EventQueue.endAt clears its timer if %s', async (_case, end) => {
  const stream = streamEnding(1_000)
  expect(vi.getTimerCount()).toBe(1)
  await end(stream)
  expect(vi.getTimerCount()).toBe(0)
  expect(onClose).toHaveBeenCalledOnce()
})
