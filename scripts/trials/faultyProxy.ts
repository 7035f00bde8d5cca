import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

interface Connection {
  readonly client: Socket
  readonly server: Socket
  /** Whether bytes in both directions are discarded. */
  isSilent: boolean
}

/** TCP proxy which can delay, discard or refuse the traffic to a port of 127.0.0.1. */
export class FaultyProxy {
  readonly #targetPort: number
  readonly #address: string
  readonly #connections = new Set<Connection>()
  #listener: Server | null = null
  #port: number
  #delayMs = 0
  #isSilent = false

  private constructor(targetPort: number, address: string, port: number) {
    this.#targetPort = targetPort
    this.#address = address
    this.#port = port
  }

  /** Listens on `port` of `address`; 0 selects any free port. */
  static async start(targetPort: number, address = '127.0.0.1', port = 0): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(targetPort, address, port)
    await proxy.#listen()
    return proxy
  }

  get port(): number {
    return this.#port
  }

  /** Delays each direction by half of `roundTripMs`. */
  setLatency(roundTripMs: number): void {
    this.#delayMs = roundTripMs / 2
  }

  /** Makes the open connections half-open: the peers stay connected, but receive nothing more. */
  silenceConnections(): void {
    for (const connection of this.#connections) connection.isSilent = true
  }

  /** Discards all bytes of open and new connections. The connections remain silent after `restore`. */
  silence(): void {
    this.#isSilent = true
    this.silenceConnections()
  }

  /** Closes the open connections and the port, so that the operating system refuses new connections. */
  refuse(): void {
    this.#listener?.close()
    this.#listener = null
    this.#destroyConnections()
  }

  /** Forwards new connections again. */
  async restore(): Promise<void> {
    this.#isSilent = false
    this.#delayMs = 0
    if (this.#listener === null) await this.#listen()
  }

  close(): void {
    this.refuse()
  }

  async #listen(): Promise<void> {
    const listener = createServer(client => this.#accept(client)).listen(this.#port, this.#address)
    await once(listener, 'listening')
    this.#listener = listener
    this.#port = (listener.address() as AddressInfo).port
  }

  #accept(client: Socket): void {
    const server = connect(this.#targetPort, '127.0.0.1')
    const connection: Connection = { client, server, isSilent: this.#isSilent }
    this.#connections.add(connection)
    this.#forward(connection, client, server)
    this.#forward(connection, server, client)
  }

  #forward(connection: Connection, from: Socket, to: Socket): void {
    /** Delayed chunks; null is the end of the connection. */
    const queue: { readonly dueMs: number; readonly chunk: Buffer | null }[] = []
    const sendDue = (): void => {
      for (let [next] = queue; next !== undefined && next.dueMs <= performance.now(); [next] = queue) {
        queue.shift()
        if (connection.isSilent) continue
        if (next.chunk === null) to.destroy()
        else to.write(next.chunk)
      }
      const [next] = queue
      if (next !== undefined) setTimeout(sendDue, Math.max(0, next.dueMs - performance.now()))
    }
    const enqueue = (chunk: Buffer | null): void => {
      queue.push({ dueMs: performance.now() + this.#delayMs, chunk })
      if (queue.length === 1) sendDue()
    }
    from.setNoDelay(true)
    from.on('data', enqueue)
    from.on('error', () => from.destroy())
    from.once('close', () => {
      enqueue(null)
      if (to.destroyed) this.#connections.delete(connection)
    })
  }

  #destroyConnections(): void {
    for (const { client, server } of this.#connections) {
      client.destroy()
      server.destroy()
    }
    this.#connections.clear()
  }
}
