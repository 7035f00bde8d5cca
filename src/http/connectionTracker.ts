import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Minimum age of a connection without a request before shutdown closes the connection. */
const NEW_SOCKET_GRACE_MS = 250
const CHECK_INTERVAL_MS = 20

/** Tracks the connections of a server and their requests, so that a shutdown loses no requests. */
export class ConnectionTracker {
  readonly #activeResponses = new Map<Socket, Set<ServerResponse>>()
  readonly #newSockets = new WeakSet<Socket>()
  #acceptedCount = 0
  #isDraining = false
  #isClosing = false

  /** Must be called before `request` listeners are added, because a listener may send the head of the response. */
  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#activeResponses.set(socket, new Set())
      this.#newSockets.add(socket)
      this.#acceptedCount++
      const gracePeriod = setTimeout(() => this.#endGracePeriod(socket), NEW_SOCKET_GRACE_MS).unref()
      socket.once('close', () => clearTimeout(gracePeriod))
      socket.once('close', () => this.#activeResponses.delete(socket))
    })
    // The tracker forgets upgraded sockets, because the WebSocket server closes them.
    server.on('upgrade', ({ socket }) => this.#activeResponses.delete(socket))
    server.on('request', ({ socket }, response) => {
      if (this.#isDraining) disableKeepAlive(response)
      this.#newSockets.delete(socket)
      this.#activeResponses.get(socket)?.add(response)
      response.once('close', () => {
        const active = this.#activeResponses.get(socket)
        active?.delete(response)
        if (this.#isClosing && active?.size === 0) socket.destroySoon()
      })
    })
  }

  /** Whether a complete request is being processed, or a response has started. */
  isBusy(socket: Socket): boolean {
    const active = this.#activeResponses.get(socket) ?? []
    return [...active].some(({ headersSent, req }) => headersSent || req.complete)
  }

  startDraining(): void {
    this.#isDraining = true
    for (const responses of this.#activeResponses.values()) for (const response of responses) disableKeepAlive(response)
  }

  /**
   * Lets Node accept queued connections. Otherwise, the kernel would reset queued connections when the server closes.
   * If a turn of the event loop accepts no connection, the queue is empty.
   */
  async acceptBacklog(maxConnections: number): Promise<void> {
    for (let round = 0, previousCount = -1; round < maxConnections && previousCount < this.#acceptedCount; round++) {
      previousCount = this.#acceptedCount
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /**
   * Closes idle connections at once. Closes a new connection at the end of the grace period. Closes a busy connection
   * after the last response.
   */
  close(): void {
    this.startDraining()
    this.#isClosing = true
    for (const [socket, { size }] of this.#activeResponses)
      if (size === 0 && !this.#newSockets.has(socket)) socket.destroy()
  }

  /** Must be called after `close`. Waits until each new connection has sent a request or is closed. */
  async waitForPendingRequests(): Promise<void> {
    const isWaiting = () =>
      [...this.#activeResponses].some(([socket, { size }]) => size === 0 && this.#newSockets.has(socket))
    while (isWaiting()) await sleep(CHECK_INTERVAL_MS)
  }

  #endGracePeriod(socket: Socket): void {
    this.#newSockets.delete(socket)
    if (this.#isClosing && this.#activeResponses.get(socket)?.size === 0) socket.destroy()
  }
}

/** Has no effect if the head of the response has been sent. */
function disableKeepAlive(response: ServerResponse): void {
  response.shouldKeepAlive = false
}
