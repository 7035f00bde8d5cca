import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Who has only just connected is about to ask, and has so long to do it. Milliseconds. */
const YOUTH = 250
/** Between two looks at whether it has. Milliseconds. */
const LOOKING = 20

/** The open connections of a server, and the requests that are under way on each. */
export class Connections {
  readonly #underWay = new Map<Socket, Set<ServerResponse>>()
  readonly #young = new WeakSet<Socket>()
  #letIn = 0
  #isRetired = false
  #isClosing = false

  /** To be made before anything else listens for requests, since it says how they are answered. */
  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#underWay.set(socket, new Set())
      this.#young.add(socket)
      this.#letIn++
      const aging = setTimeout(() => this.#grow(socket), YOUTH).unref()
      socket.once('close', () => clearTimeout(aging))
      socket.once('close', () => this.#underWay.delete(socket))
    })
    // What has become something else, as WebSockets do, ends by another hand.
    server.on('upgrade', ({ socket }) => this.#underWay.delete(socket))
    server.on('request', ({ socket }, response) => {
      if (this.#isRetired) closeAfter(response)
      this.#young.delete(socket)
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

  /**
   * Waits until those are let in who have connected by now, and so many at most: the kernel resets the others when nobody
   * listens any more. Node lets in one at each turn of its loop.
   */
  async letIn(maximum: number): Promise<void> {
    for (let turn = 0, before = -1; turn < maximum && before < this.#letIn; turn++) {
      before = this.#letIn
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /**
   * Closes those on which nothing is asked, a new one not before it had a moment to ask, and each other one after its last
   * answer, whatever that has said.
   */
  close(): void {
    this.retire()
    this.#isClosing = true
    for (const [socket, { size }] of this.#underWay) if (size === 0 && !this.#young.has(socket)) socket.destroy()
  }

  /** For after `close`: waits until each connection that is left has something under way, which is its last. */
  async asked(): Promise<void> {
    const isSilent = () => [...this.#underWay].some(([socket, { size }]) => size === 0 && this.#young.has(socket))
    while (isSilent()) await sleep(LOOKING)
  }

  #grow(socket: Socket): void {
    this.#young.delete(socket)
    if (this.#isClosing && this.#underWay.get(socket)?.size === 0) socket.destroy()
  }
}

/** Without effect where the head is sent: then the connection is kept, as it has said. */
const closeAfter = (response: ServerResponse): void => {
  response.shouldKeepAlive = false
}
