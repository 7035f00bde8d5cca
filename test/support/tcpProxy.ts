import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to a server that can be barred: by refusing whatever comes, or by letting it wait for nothing. */
export class Way {
  readonly #sockets = new Set<Socket>()
  #isOpen = true
  #bar: 'refuse' | 'swallow' = 'refuse'
  /** Connections since it was barred. */
  attempts = 0

  /** The same address, as far as its path goes, by this way. It is gone when the test is over. */
  async to(url: string): Promise<string> {
    const { port, pathname } = new URL(url)
    const server = createServer(socket => {
      this.#keep(socket)
      if (this.#isOpen) {
        const onward = connect(Number(port), '127.0.0.1')
        this.#keep(onward)
        socket.pipe(onward).pipe(socket)
        socket.once('close', () => onward.destroy())
        onward.once('close', () => socket.destroy())
        return
      }
      this.attempts++
      if (this.#bar === 'refuse') socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
      this.#drop()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`
  }

  bar(how: 'refuse' | 'swallow'): void {
    this.#isOpen = false
    this.#bar = how
    this.attempts = 0
    this.#drop()
  }

  open(): void {
    this.#isOpen = true
    this.#drop()
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #drop(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
