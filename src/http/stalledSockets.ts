import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Node's internal handle. Only the handle shows the progress within a write, and a large response is a single write.
 * `bytesWritten` includes `writeQueueSize`, the number of bytes which the kernel has not accepted yet.
 */
type Handle = { readonly bytesWritten: number; readonly writeQueueSize: number }

/**
 * Minimum progress within the time-out, if more is pending: 17 kbit/s with the default of 30 s, less than the slowest
 * mobile networks. Kestrel and IIS require 240 bytes per second, so that an answer of 16 MiB may take 19 hours; nginx
 * and earlier versions of this class accept any byte. The time-out exceeds the usual gaps in mobile reception.
 */
const MIN_BYTES_PER_TIMEOUT = 65_536

interface Progress {
  /** The count starts again when this number of bytes is flushed. */
  targetBytes: number
  checks: number
}

/**
 * Finds connections whose clients read their responses too slowly. The timeout of Node's sockets does not, because each
 * byte in any direction starts the timeout again: a client could send pings and never read, or read a byte at a time.
 */
export class StalledSockets {
  readonly #progress = new Map<Socket, Progress>()
  readonly #maxChecks: number

  /** The timeout is a number of checks, because a suspended gateway process must not disconnect clients. */
  constructor(server: Server, maxChecks: number) {
    this.#maxChecks = maxChecks
    server.on('connection', (socket: Socket) => {
      this.#progress.set(socket, { targetBytes: 0, checks: 0 })
      socket.once('close', () => this.#progress.delete(socket))
    })
  }

  /**
   * Must be called periodically. Destroys sockets which, for more than `maxChecks` checks, flushed neither the minimum nor
   * everything that was pending at the start.
   */
  destroyStalled(): void {
    for (const [socket, progress] of this.#progress) {
      const { writableLength: pendingBytes } = socket
      const flushedBytes = flushedBytesOf(socket)
      // A socket without pending data is not stalled, for example between two events of a subscription.
      if (pendingBytes === 0 || flushedBytes >= progress.targetBytes) {
        progress.targetBytes = flushedBytes + Math.min(pendingBytes, MIN_BYTES_PER_TIMEOUT)
        progress.checks = 0
      } else if (++progress.checks > this.#maxChecks) {
        socket.destroy()
      }
    }
  }
}

function flushedBytesOf(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: Handle | null }
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0
}
