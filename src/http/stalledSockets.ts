import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Node's internal handle. Only the handle shows the progress within a write, and a large response is a single write.
 * `bytesWritten` includes `writeQueueSize`, the number of bytes which the kernel has not accepted yet.
 */
type Handle = { readonly bytesWritten: number; readonly writeQueueSize: number }

/**
 * Finds connections whose clients do not read their responses. The timeout of Node's sockets does not, because each
 * received byte starts the timeout again: a WebSocket client could send pings and never read.
 */
export class StalledSockets {
  readonly #idleChecks = new Map<Socket, { flushedBytes: number; count: number }>()
  readonly #maxIdleChecks: number

  /** The timeout is a number of checks, because a suspended gateway process must not disconnect clients. */
  constructor(server: Server, maxIdleChecks: number) {
    this.#maxIdleChecks = maxIdleChecks
    server.on('connection', (socket: Socket) => {
      this.#idleChecks.set(socket, { flushedBytes: 0, count: 0 })
      socket.once('close', () => this.#idleChecks.delete(socket))
    })
  }

  /** Must be called periodically. Destroys sockets whose pending data made no progress for `maxIdleChecks` checks. */
  destroyStalled(): void {
    for (const [socket, previous] of this.#idleChecks) {
      const flushedBytes = flushedBytesOf(socket)
      // A socket without pending data is not stalled, for example between two events of a subscription.
      const isIdle = socket.writableLength > 0 && flushedBytes === previous.flushedBytes
      previous.count = isIdle ? previous.count + 1 : 0
      previous.flushedBytes = flushedBytes
      if (previous.count > this.#maxIdleChecks) socket.destroy()
    }
  }
}

function flushedBytesOf(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: Handle | null }
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0
}
