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
  /** The settings that these are from. */
  readonly settings?: { readonly host: string; readonly port: string }
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
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

export const listen = async (doors: Doors, address: Address): Promise<Listening> => {
  // Clients that offer HTTP/2 in passing, as Java's does, ask in HTTP/1.1 all the same, and are answered in it.
  const { handle, upgrade } = doors
  const isUpgrade = upgrade === undefined ? () => false : asksForWebSocket
  const server = createServer({ shouldUpgradeCallback: isUpgrade }, handle)
  server.on('upgrade', (request, socket, head) => {
    // Node has taken its own listener off: without one, a reset connection would end the process.
    socket.on('error', () => socket.destroy())
    upgrade?.(request, socket, head)
  })
  const requests = requestsByConnection(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(listenError(error, address)))
    server.listen(address.port, address.host, resolve)
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

const OWN_SETTINGS = { host: 'HOST', port: 'PORT' }

const listenError = (error: NodeJS.ErrnoException, { host, port, settings = OWN_SETTINGS }: Address): Error => {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `something else listens there already; set ${settings.port} to another port`,
    EACCES: `this user may not listen on that port; set ${settings.port} to one above 1023`,
    EADDRNOTAVAIL: `this machine does not have that address; set ${settings.host} to one that it has`,
    ENOTFOUND: `there is no such host; set ${settings.host} to a name or an address of this machine`,
  }
  const reason = reasons[error.code ?? ''] ?? error.message
  return new ListenError(`Cannot listen on ${host}:${port}: ${reason}.`, { cause: error })
}

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
