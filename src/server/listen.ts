import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Listening failed: the message is a sentence for whoever started the process. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

export interface Address {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

export interface Listening {
  /** The one that was given, or found. */
  readonly port: number
  /**
   * Takes no more connections, and waits for the requests that are under way. A connection on which nothing is asked is
   * closed at once: Node would wait until a browser that has opened one ahead of time says something.
   */
  stop(): Promise<void>
}

/** What answers: requests, and connections that ask to become something else. */
export interface Doors {
  readonly handle: RequestListener
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

export const listen = async (doors: Doors, { host, port }: Address): Promise<Listening> => {
  // Clients that offer HTTP/2 in passing, as Java's does, ask in HTTP/1.1 all the same, and are answered in it.
  const server = createServer({ shouldUpgradeCallback: asksForWebSocket }, doors.handle)
  server.on('upgrade', (request, socket, head) => {
    // Node has taken its own listener off: without one, a reset connection would end the process.
    socket.on('error', () => socket.destroy())
    doors.upgrade(request, socket, head)
  })
  const requests = requestsByConnection(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(listenError(error, host, port)))
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const [socket, underWay] of requests) if (underWay === 0) socket.destroy()
      }),
  }
}

const asksForWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket'

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there already; set PORT to another port',
  EACCES: 'this user may not listen on that port; set PORT to one above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address; set HOST to one that it has',
  ENOTFOUND: 'there is no such host; set HOST to a name or an address of this machine',
}

const listenError = (error: NodeJS.ErrnoException, host: string, port: number): Error =>
  new ListenError(`Cannot listen on ${host}:${port}: ${REASONS[error.code ?? ''] ?? error.message}.`, { cause: error })

/** The open connections, and how many requests are under way on each. Once the server closes, so do those without. */
const requestsByConnection = (server: Server): ReadonlyMap<Socket, number> => {
  const requests = new Map<Socket, number>()
  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0)
    socket.once('close', () => requests.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = (requests.get(socket) ?? 1) - 1
      if (requests.has(socket)) requests.set(socket, left)
      if (left === 0 && !server.listening) socket.destroySoon()
    })
  })
  return requests
}
