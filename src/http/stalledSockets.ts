import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Node's internal handle. Only the handle shows the progress within a write, and a large response is a single write.
 * `bytesWritten` includes `writeQueueSize`, the number of bytes which the kernel has not accepted yet.
 */
interface Handle {
  readonly bytesWritten: number
  readonly writeQueueSize: number
}

interface Progress {
  readonly flushedBytes: number
  readonly idleChecks: number
}

/** Finds connections whose clients do not read their responses. */
export class StalledSockets {
  readonly #sockets = new Set<Socket>()
  readonly #progress = new WeakMap<Socket, Progress>()
  readonly #maxIdleChecks: number

  /** The timeout is a number of checks, because a suspended gateway process must not disconnect clients. */
  constructor(server: Server, maxIdleChecks: number) {
    this.#maxIdleChecks = maxIdleChecks
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Must be called periodically. Destroys sockets whose pending data made no progress for `maxIdleChecks` checks. */
  destroyStalled(): void {
    for (const socket of this.#sockets) if (this.#isStalled(socket)) socket.destroy()
  }

  #isStalled(socket: Socket): boolean {
    const previous = this.#progress.get(socket)
    // A socket without pending data is not stalled, for example between two events of a subscription.
    if (socket.writableLength === 0) {
      if (previous !== undefined) this.#progress.delete(socket)
      return false
    }
    const flushedBytes = flushedBytesOf(socket)
    const idleChecks = previous?.flushedBytes === flushedBytes ? previous.idleChecks + 1 : 0
    this.#progress.set(socket, { flushedBytes, idleChecks })
    return idleChecks >= this.#maxIdleChecks
  }
}

function flushedBytesOf(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: Handle | null }
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0
}
