import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { describe, expect, it } from 'vitest'
import { StalledSockets } from '../../../src/http/stalledSockets.ts'

const MAX_CHECKS = 10

/** A socket whose client reads when the test says so. */
class FakeSocket extends EventEmitter {
  writableLength = 0
  isDestroyed = false
  readonly _handle = { bytesWritten: 0, writeQueueSize: 0 }

  write(bytes: number): void {
    this.writableLength += bytes
    this._handle.bytesWritten += bytes
    this._handle.writeQueueSize += bytes
  }

  flush(bytes: number): void {
    const flushed = Math.min(bytes, this.writableLength)
    this.writableLength -= flushed
    this._handle.writeQueueSize -= flushed
  }

  destroy(): void {
    this.isDestroyed = true
    this.emit('close')
  }
}

const connect = (count: number) => {
  const server = new EventEmitter()
  const stalledSockets = new StalledSockets(server as Server, MAX_CHECKS)
  const sockets = Array.from({ length: count }, () => new FakeSocket())
  for (const socket of sockets) server.emit('connection', socket)
  return { stalledSockets, sockets }
}

describe('StalledSockets', () => {
  it('60 clients that read a few bytes of an 11 MB answer per check are disconnected after the maximum number of checks', () => {
    const { stalledSockets, sockets } = connect(60)
    for (const socket of sockets) socket.write(11_000_000)
    for (let i = 0; i <= MAX_CHECKS; i++) {
      stalledSockets.destroyStalled()
      for (const socket of sockets) socket.flush(8)
    }
    expect(sockets.filter(({ isDestroyed }) => isDestroyed)).toEqual([])
    stalledSockets.destroyStalled()
    expect(sockets.filter(({ isDestroyed }) => !isDestroyed)).toEqual([])
  })

  it('a client that reads 64 KiB per time-out stays connected until the end of a large answer', () => {
    const { stalledSockets, sockets } = connect(1)
    const [socket] = sockets as [FakeSocket]
    socket.write(2_000_000)
    for (let i = 0; socket.writableLength > 0; i++) {
      stalledSockets.destroyStalled()
      if (i % MAX_CHECKS === MAX_CHECKS - 1) socket.flush(65_536)
      expect(socket.isDestroyed).toBe(false)
    }
  })

  it('a client that reads everything pending within the time-out stays connected although the stream has always pending data', () => {
    const { stalledSockets, sockets } = connect(1)
    const [socket] = sockets as [FakeSocket]
    for (let i = 0; i < 20 * MAX_CHECKS; i++) {
      socket.write(100)
      stalledSockets.destroyStalled()
      // The client lags behind by an event.
      if (i > 0) socket.flush(100)
      expect([i, socket.isDestroyed]).toEqual([i, false])
    }
  })

  it('a stream whose client reads a byte of each event is disconnected', () => {
    const { stalledSockets, sockets } = connect(1)
    const [socket] = sockets as [FakeSocket]
    for (let i = 0; i < 2 * MAX_CHECKS; i++) {
      socket.write(100)
      stalledSockets.destroyStalled()
      socket.flush(1)
    }
    expect(socket.isDestroyed).toBe(true)
  })

  it('pauses without pending data do not count', () => {
    const { stalledSockets, sockets } = connect(1)
    const [socket] = sockets as [FakeSocket]
    socket.write(100)
    socket.flush(100)
    for (let i = 0; i < 5 * MAX_CHECKS; i++) stalledSockets.destroyStalled()
    socket.write(100)
    for (let i = 0; i < MAX_CHECKS; i++) stalledSockets.destroyStalled()
    expect(socket.isDestroyed).toBe(false)
  })
})
