import { expect, it, vi } from 'vitest'
import { Channel } from '../../../src/live/eventQueue.ts'

const channelOf = (bound: number, resync: () => string[] = () => ['snapshot']) => {
  const onReturn = vi.fn()
  return { channel: new Channel(bound, resync, onReturn), onReturn }
}

it('gives what was pushed, in order, whether it is read before or after', async () => {
  const { channel } = channelOf(10)
  const early = channel.next()
  channel.push('a')
  channel.push('b')
  expect([await early, await channel.next()]).toEqual([
    { done: false, value: 'a' },
    { done: false, value: 'b' },
  ])
})

it('replaces a backlog past the bound by one snapshot of the moment at which it is read', async () => {
  let moment = 0
  const { channel } = channelOf(3, () => [`moment ${moment}`])
  for (let i = 0; i < 1_000; i++) channel.push(String(i))
  moment = 7
  expect(await channel.next()).toEqual({ done: false, value: 'moment 7' })
  channel.push('then')
  expect(await channel.next()).toEqual({ done: false, value: 'then' })
})

it('lets what takes the place of a backlog be read to its end, however long it is, while things go on', async () => {
  const state = ['a', 'b', 'c', 'd', 'e']
  const { channel } = channelOf(3, () => state)
  for (let i = 0; i < 4; i++) channel.push(String(i))
  const read: unknown[] = []
  for (let i = 0; i < state.length; i++) {
    read.push((await channel.next()).value)
    if (i < 3) channel.push(`then ${i}`)
  }
  expect(read).toEqual(state)
  for (let i = 0; i < 3; i++) expect((await channel.next()).value).toBe(`then ${i}`)
})

it('holds no more than the bound once that was read', async () => {
  const { channel } = channelOf(3, () => ['a', 'b', 'c', 'd', 'e'])
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) channel.push(String(i))
    for (const item of ['a', 'b', 'c', 'd', 'e']) expect((await channel.next()).value).toBe(item)
  }
})

it('ends after what is left, and says so once', async () => {
  const { channel, onReturn } = channelOf(10)
  channel.push('a')
  channel.end()
  channel.end()
  channel.push('too late')
  expect(await channel.next()).toEqual({ done: false, value: 'a' })
  expect((await channel.next()).done).toBe(true)
  expect(onReturn).toHaveBeenCalledTimes(1)
})

it('wakes whoever waits when it ends or its reader goes', async () => {
  for (const how of ['end', 'return'] as const) {
    const { channel, onReturn } = channelOf(10)
    const waiting = channel.next()
    channel[how]()
    expect((await waiting).done).toBe(true)
    expect(onReturn).toHaveBeenCalledTimes(1)
  }
})
