import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The open connections of a server, and the requests that are under way on each. */
export class Connections {
  readonly #underWay = new Map<Socket, Set<ServerResponse>>()
  #isRetired = false
  #isClosing = false

  /** To be made before anything else listens for requests, since it says how they are answered. */
  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#underWay.set(socket, new Set())
      socket.once('close', () => this.#underWay.delete(socket))
    })
    // What has become something else, as WebSockets do, ends by another hand.
    server.on('upgrade', ({ socket }) => this.#underWay.delete(socket))
    server.on('request', ({ socket }, response) => {
      if (this.#isRetired) closeAfter(response)
      this.#underWay.get(socket)?.add(response)
      response.once('close', () => {
        const underWay = this.#underWay.get(socket)
        underWay?.delete(response)
        if (this.#isClosing && underWay?.size === 0) socket.destroySoon()
      })
    })
  }

  /**
   * Whether an answer is under way that anything else would mix with. A request that has not come whole is none to
   * answer yet.
   */
  isBusy(socket: Socket): boolean {
    const underWay = this.#underWay.get(socket) ?? []
    return [...underWay].some(({ headersSent, req }) => headersSent || req.complete)
  }

  /** From now on answers say that they are the last on their connection, and are. */
  retire(): void {
    this.#isRetired = true
    for (const responses of this.#underWay.values()) for (const response of responses) closeAfter(response)
  }

  /** Closes those on which nothing is asked, and each other one after its last answer, whatever that has said. */
  close(): void {
    this.retire()
    this.#isClosing = true
    for (const [socket, { size }] of this.#underWay) if (size === 0) socket.destroy()
  }
}

/** Without effect where the head is sent: then the connection is kept, as it has said. */
const closeAfter = (response: ServerResponse): void => {
  response.shouldKeepAlive = false
}
