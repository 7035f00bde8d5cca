import { expect, it, vi } from 'vitest'
import { Channel } from '../../src/live/channel.ts'

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
