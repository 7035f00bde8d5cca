import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Time from the opening of a connection during which shutdown waits for the first request. */
const NEW_SOCKET_GRACE_MS = 250
const CHECK_INTERVAL_MS = 20

/** Tracks the connections of a server and their requests, so that a shutdown loses no requests. */
export class ConnectionTracker {
  readonly #activeResponses = new Map<Socket, Set<ServerResponse>>()
  readonly #newSockets = new WeakSet<Socket>()
  #acceptedCount = 0
  #isDraining = false
  #isClosing = false

  /** Must be called before `request` listeners are added, which may send the head and so fix the keep-alive setting. */
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
   * Lets Node accept queued connections, because the kernel resets queued connections when the server stops listening.
   * Node accepts a single connection per turn of the event loop, so a turn without a new connection ends the loop.
   */
  async acceptBacklog(maxConnections: number): Promise<void> {
    for (let round = 0, previousCount = -1; round < maxConnections && previousCount < this.#acceptedCount; round++) {
      previousCount = this.#acceptedCount
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /**
   * Closes idle connections at once, new connections after their grace period, and busy connections after their last
   * response, even if the response promised keep-alive.
   */
  close(): void {
    this.startDraining()
    this.#isClosing = true
    for (const [socket, { size }] of this.#activeResponses)
      if (size === 0 && !this.#newSockets.has(socket)) socket.destroy()
  }

  /** Must be called after `close`. Resolves when each new connection has sent a request or used up the grace period. */
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

/** Has no effect after the head of the response is sent. */
function disableKeepAlive(response: ServerResponse): void {
  response.shouldKeepAlive = false
}
