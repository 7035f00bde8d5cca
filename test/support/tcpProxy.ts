import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP proxy. While blocked, `refuse` closes new connections; `swallow` accepts connections and never responds. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>()
  #isForwarding = true
  #mode: 'refuse' | 'swallow' = 'refuse'
  /** Number of connection attempts since `block`. */
  attempts = 0

  /** Starts the proxy until the end of the test. Returns `url` with the address of the proxy. */
  async listen(url: string): Promise<string> {
    const { port, pathname } = new URL(url)
    const server = createServer(socket => {
      this.#track(socket)
      if (this.#isForwarding) {
        const onward = connect(Number(port), '127.0.0.1')
        this.#track(onward)
        socket.pipe(onward).pipe(socket)
        socket.once('close', () => onward.destroy())
        onward.once('close', () => socket.destroy())
        return
      }
      this.attempts++
      if (this.#mode === 'refuse') socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
      this.#destroyAll()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`
  }

  block(mode: 'refuse' | 'swallow'): void {
    this.#isForwarding = false
    this.#mode = mode
    this.attempts = 0
    this.#destroyAll()
  }

  unblock(): void {
    this.#isForwarding = true
    this.#destroyAll()
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
