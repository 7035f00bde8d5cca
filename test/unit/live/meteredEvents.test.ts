import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EventQueue } from '../../../src/live/eventQueue.ts'
import { MeteredEvents, type RateLimited } from '../../../src/live/meteredEvents.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const rateLimited: RateLimited = Object.assign(new Error('RATE_LIMITED'), { extensions: { retryAfter: 7 } })

/** A subscriber whose client has a budget of `budget` events, and whose queue has the snapshot as the first event. */
function createSubscriber(budget: number) {
  let version = 0
  const queue = new EventQueue<string | Error>(
    3,
    () => `snapshot ${version}`,
    () => undefined,
  )
  const client = { budget, charges: 0 }
  const end = vi.fn()
  const events = new MeteredEvents<string>(queue, {
    charge: async () => {
      client.charges++
      if (client.budget === 0) return rateLimited
      client.budget--
      return null
    },
    start: () => end,
  })
  const push = () => queue.push(`event ${++version}`)
  queue.push('snapshot 0')
  const received: unknown[] = []
  const read = async () => {
    for await (const event of events) received.push(event)
    received.push('end')
  }
  return { queue, client, events, end, push, received, read }
}

describe('metered events', () => {
  it('charges each event except the first, and ends the execution of an event before the next read', async () => {
    const { events, client, end, push } = createSubscriber(5)
    push()
    expect([await events.next(), client.charges, end.mock.calls.length]).toEqual([
      { done: false, value: 'snapshot 0' },
      0,
      0,
    ])
    expect([await events.next(), client.charges, end.mock.calls.length]).toEqual([
      { done: false, value: 'event 1' },
      1,
      1,
    ])
    await events.return()
    expect(end).toHaveBeenCalledTimes(2)
  })

  it('does not charge errors', async () => {
    const { queue, client, read, received } = createSubscriber(0)
    queue.push(new Error('a poll failed'))
    void read()
    await vi.advanceTimersByTimeAsync(0)
    expect([received, client.charges]).toEqual([['snapshot 0', new Error('a poll failed')], 0])
  })

  it('sends one error without budget, and continues with a snapshot when the client has budget again', async () => {
    const { client, push, read, received } = createSubscriber(1)
    void read()
    for (let i = 0; i < 5; i++) {
      push()
      await vi.advanceTimersByTimeAsync(0)
    }
    expect(received).toEqual(['snapshot 0', 'event 1', rateLimited])
    // Another subscription has used the budget of the next window.
    await vi.advanceTimersByTimeAsync(7_000)
    expect(received).toHaveLength(3)
    client.budget = 1
    await vi.advanceTimersByTimeAsync(6_999)
    expect(received).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(1)
    expect(received.slice(3)).toEqual(['snapshot 5'])
    push()
    await vi.advanceTimersByTimeAsync(0)
    expect(received.slice(4)).toEqual([rateLimited])
  })

  it('sends the final error of a watch at once, without a snapshot', async () => {
    const { queue, client, push, read, received } = createSubscriber(0)
    void read()
    push()
    await vi.advanceTimersByTimeAsync(0)
    const { charges } = client
    queue.end(new Error('shutdown'))
    await vi.advanceTimersByTimeAsync(0)
    expect(received).toEqual(['snapshot 0', rateLimited, new Error('shutdown'), 'end'])
    expect([client.charges, vi.getTimerCount()]).toEqual([charges, 0])
  })

  it('keeps the final error of a watch that ended before the client was without budget', async () => {
    const { queue, push, read, received } = createSubscriber(0)
    push()
    queue.end(new Error('revoked'))
    void read()
    await vi.advanceTimersByTimeAsync(0)
    expect(received).toEqual(['snapshot 0', rateLimited, new Error('revoked'), 'end'])
  })

  it.each([
    ['during the pause', false],
    ['before the client was without budget', true],
  ])('sends the final snapshot of a conference that ends %s at once and without a charge', async (_when, isEarly) => {
    const { queue, client, push, read, received } = createSubscriber(0)
    push()
    if (isEarly) queue.end()
    void read()
    await vi.advanceTimersByTimeAsync(0)
    if (!isEarly) push()
    queue.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(received).toEqual(['snapshot 0', rateLimited, isEarly ? 'snapshot 1' : 'snapshot 2', 'end'])
    expect([client.charges, vi.getTimerCount()]).toEqual([1, 0])
  })

  it('ends the pause of a running watch when the client leaves', async () => {
    const { events, push, read, received } = createSubscriber(0)
    const reading = read()
    push()
    await vi.advanceTimersByTimeAsync(0)
    await events.return()
    await reading
    expect(received).toEqual(['snapshot 0', rateLimited, 'end'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
