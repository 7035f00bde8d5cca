import { expect, it, vi } from 'vitest'
import { EventQueue } from '../../../src/live/eventQueue.ts'

const queueOf = (limit: number, snapshot: () => string = () => 'snapshot') => {
  const onClose = vi.fn()
  return { queue: new EventQueue(limit, snapshot, onClose), onClose }
}

it('EventQueue delivers items in order, to waiting and later readers', async () => {
  const { queue } = queueOf(10)
  const early = queue.next()
  queue.push('a')
  queue.push('b')
  expect([await early, await queue.next()]).toEqual([
    { done: false, value: 'a' },
    { done: false, value: 'b' },
  ])
})

it('EventQueue does not count the item of a waiting reader towards the limit', async () => {
  const { queue } = queueOf(3)
  const waiting = queue.next()
  for (const item of ['a', 'b', 'c', 'd']) queue.push(item)
  expect((await waiting).value).toBe('a')
  for (const item of ['b', 'c', 'd']) expect((await queue.next()).value).toBe(item)
  for (const item of ['e', 'f', 'g', 'h']) queue.push(item)
  expect((await queue.next()).value).toBe('snapshot')
})

it('EventQueue replaces an overflowed backlog with a snapshot taken at the next read', async () => {
  let moment = 0
  const { queue } = queueOf(3, () => `moment ${moment}`)
  for (let i = 0; i < 1_000; i++) queue.push(String(i))
  moment = 7
  expect(await queue.next()).toEqual({ done: false, value: 'moment 7' })
  queue.push('then')
  expect(await queue.next()).toEqual({ done: false, value: 'then' })
})

it('EventQueue enforces the limit again after the snapshot was read', async () => {
  const { queue } = queueOf(3)
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) queue.push(String(i))
    expect((await queue.next()).value).toBe('snapshot')
    for (const item of ['a', 'b', 'c']) queue.push(item)
    for (const item of ['a', 'b', 'c']) expect((await queue.next()).value).toBe(item)
  }
})

it('EventQueue ends after the queued items and calls onClose once', async () => {
  const { queue, onClose } = queueOf(10)
  queue.push('a')
  queue.end()
  queue.end()
  queue.push('too late')
  expect(await queue.next()).toEqual({ done: false, value: 'a' })
  expect((await queue.next()).done).toBe(true)
  expect(onClose).toHaveBeenCalledTimes(1)
})

it('EventQueue resolves waiting reads on end and on return', async () => {
  for (const how of ['end', 'return'] as const) {
    const { queue, onClose } = queueOf(10)
    const waiting = queue.next()
    queue[how]()
    expect((await waiting).done).toBe(true)
    expect(onClose).toHaveBeenCalledTimes(1)
  }
})
