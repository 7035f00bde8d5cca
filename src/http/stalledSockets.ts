import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * What the kernel was handed, and of that what it has not taken. Node tells how much of a write is left only here, and a
 * large answer is one write.
 */
interface Handle {
  readonly bytesWritten: number
  readonly writeQueueSize: number
}

interface Progress {
  readonly taken: number
  /** How many times in a row nothing more was taken. */
  readonly checks: number
}

/** The connections of a server whose clients do not read what they are sent. */
export class Unread {
  readonly #sockets = new Set<Socket>()
  readonly #stalled = new WeakMap<Socket, Progress>()
  readonly #patience: number

  /** `patience` is how many checks in a row a client may let pass: time in which this process does nothing does not count. */
  constructor(server: Server, patience: number) {
    this.#patience = patience
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** To be called now and then. Closes a connection that has something unsent, none of which was taken for too long. */
  check(): void {
    for (const socket of this.#sockets) if (this.#isStalled(socket)) socket.destroy()
  }

  #isStalled(socket: Socket): boolean {
    const before = this.#stalled.get(socket)
    // Who has everything may be silent for as long as it likes, as one that waits for events is.
    if (socket.writableLength === 0) {
      if (before !== undefined) this.#stalled.delete(socket)
      return false
    }
    const taken = takenOf(socket)
    const checks = before?.taken === taken ? before.checks + 1 : 0
    this.#stalled.set(socket, { taken, checks })
    return checks >= this.#patience
  }
}

const takenOf = (socket: Socket): number => {
  const { _handle: handle } = socket as { readonly _handle?: Handle | null }
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0
}
