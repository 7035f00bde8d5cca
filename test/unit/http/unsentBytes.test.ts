import { EventEmitter } from 'node:events'
import { array, assert, constantFrom, nat, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Slot } from '../../../src/callerShares.ts'
import { UnsentBytes } from '../../../src/http/unsentBytes.ts'

const MAX = 1_000
const callerOf = (clientId: string) => ({ clientId, credentialHash: clientId, isServiceAccount: false })

const createUnsentBytes = ({ hasOthers = true } = {}) => {
  const closed: string[] = []
  let reported = 0
  const unsentBytes = new UnsentBytes(MAX, { hasOthers: () => hasOthers }, connections => {
    reported += connections
  })
  const writers: { name: string; id: string; writableLength: number; isOpen: boolean }[] = []
  const open = (id: string, writableLength: number, name = `${id}${writableLength}`) => {
    const emitter = new EventEmitter()
    const writer = Object.assign(emitter, { name, id, writableLength, isOpen: true })
    writers.push(writer)
    const share = { caller: callerOf(id), count: 1, units: 1, slots: null }
    const destroy = () => {
      socket.destroyed = true
      closed.push(name)
      Object.assign(writer, { writableLength: 0, isOpen: false })
      emitter.emit('close')
    }
    const slot = new Slot(share, { cancel: () => undefined }, 1, () => undefined)
    const socket = { destroyed: false, destroy }
    unsentBytes.add(writer, { socket, operation: { slot } })
    return Object.assign(writer, { socket })
  }
  const bytesOf = (id?: string) =>
    writers
      .filter(writer => id === undefined || writer.id === id)
      .reduce((sum, { writableLength }) => sum + writableLength, 0)
  return { unsentBytes, open, closed, bytesOf, reported: () => reported }
}

describe('UnsentBytes', () => {
  it('a caller alone may have unsent bytes up to the maximum', () => {
    const { open, closed, bytesOf } = createUnsentBytes({ hasOthers: false })
    for (let i = 0; i < 10; i++) open('a', 100)
    expect([closed, bytesOf()]).toEqual([[], MAX])
  })

  it('unsent bytes on a closed socket do not count, also if the response had no event for the end', () => {
    const { open, closed, reported } = createUnsentBytes({ hasOthers: false })
    open('a', 600).socket.destroyed = true
    open('a', 500)
    expect([closed, reported()]).toEqual([[], 0])
  })

  it('a write above the maximum closes the connection with the most unsent bytes at once', () => {
    const { open, closed, reported } = createUnsentBytes({ hasOthers: false })
    for (const bytes of [100, 500, 300, 200]) open('a', bytes)
    expect([closed, reported()]).toEqual([['a500'], 1])
  })

  it('a caller has at most half of the maximum while a second caller is active', () => {
    const { open, closed, bytesOf } = createUnsentBytes()
    open('b', 100)
    for (let i = 0; i < 10; i++) open('a', 100)
    expect([bytesOf('a'), bytesOf('b')]).toEqual([MAX / 2, 100])
    expect(new Set(closed)).toEqual(new Set(['a100']))
  })

  it('above the maximum, the caller with the most unsent bytes loses connections, not the caller who wrote last', () => {
    const { open, closed } = createUnsentBytes()
    for (const id of ['a', 'a', 'b', 'c']) open(id, 240)
    open('d', 100)
    expect(closed).toEqual(['a240'])
  })

  it('a periodic check finds the small writes of streams', () => {
    const { unsentBytes, open, closed } = createUnsentBytes({ hasOthers: false })
    const streams = Array.from({ length: 60 }, () => open('a', 0, 'stream'))
    for (const stream of streams) stream.writableLength = 20
    expect(closed).toEqual([])
    unsentBytes.check()
    expect(closed).toHaveLength(10)
  })

  it('a large write to a tracked stream is checked at once', () => {
    const { unsentBytes, open, closed } = createUnsentBytes({ hasOthers: false })
    const stream = open('a', 0, 'stream')
    stream.writableLength = MAX + 1
    unsentBytes.recordWrite(MAX + 1)
    expect(closed).toEqual(['stream'])
  })

  it('the unsent bytes never exceed the maximum after an addition, nor half of it for one caller with a second caller', () => {
    const step = record({ id: constantFrom('a', 'b', 'c'), bytes: nat(400), read: nat(400) })
    assert(
      property(array(step, { maxLength: 50 }), steps => {
        const { open, bytesOf } = createUnsentBytes()
        for (const { id, bytes, read } of steps) {
          const writer = open(id, bytes)
          writer.writableLength = Math.max(0, writer.writableLength - read)
          expect(bytesOf()).toBeLessThanOrEqual(MAX)
          expect(bytesOf(id)).toBeLessThanOrEqual(MAX / 2)
        }
      }),
    )
  })
})
