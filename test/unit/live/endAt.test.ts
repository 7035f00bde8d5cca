import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Channel } from '../../../src/live/eventQueue.ts'
import { endingAt } from '../../../src/live/endAt.ts'

const DAY = 86_400_000
let onReturn: ReturnType<typeof vi.fn<() => void>>
let channel: Channel<string>
beforeEach(() => {
  vi.useFakeTimers()
  onReturn = vi.fn<() => void>()
  channel = new Channel<string>(10, () => [], onReturn)
})
afterEach(() => {
  vi.useRealTimers()
})

const ending = (inMs: number) => endingAt(channel, Date.now() + inMs, () => 'over')
const read = async (stream: AsyncIterator<string>) => (await stream.next()).value

it('a stream ends at its moment, with its last word, and not before', async () => {
  const stream = ending(1_000)
  vi.advanceTimersByTime(999)
  channel.push('a')
  expect(await read(stream)).toBe('a')
  const next = read(stream)
  vi.advanceTimersByTime(1)
  expect(await next).toBe('over')
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  expect(onReturn).toHaveBeenCalledOnce()
})

it('what was told before the moment can still be read after it', async () => {
  const stream = ending(1_000)
  channel.push('a')
  vi.advanceTimersByTime(5_000)
  channel.push('b')
  expect(await read(stream)).toBe('a')
  expect(await read(stream)).toBe('over')
  expect((await stream.next()).done).toBe(true)
})

it('a moment that is over ends the stream at once', async () => {
  const stream = ending(-1)
  expect(await read(stream)).toBe('over')
  expect((await stream.next()).done).toBe(true)
})

it('a moment that is further away than a timer reaches is waited for all the same', async () => {
  const stream = ending(60 * DAY)
  const next = read(stream)
  vi.advanceTimersByTime(59 * DAY)
  expect(onReturn).not.toHaveBeenCalled()
  vi.advanceTimersByTime(DAY)
  expect(await next).toBe('over')
})

it.each<[string, (stream: AsyncIterableIterator<string>) => Promise<unknown>]>([
  ['whoever reads it goes', async stream => stream.return?.()],
  [
    'it ends by itself',
    async stream => {
      channel.end()
      return stream.next()
    },
  ],
])('no timer is left behind where %s', async (_what, end) => {
  const stream = ending(1_000)
  expect(vi.getTimerCount()).toBe(1)
  await end(stream)
  expect(vi.getTimerCount()).toBe(0)
  expect(onReturn).toHaveBeenCalledOnce()
})
