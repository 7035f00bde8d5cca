import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { refuseBroken } from './clientError.ts'
import { Connections } from './connectionTracker.ts'
import { Unread } from './stalledSockets.ts'

/** Listening failed: the message is a sentence for whoever started the process. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

interface ListenOptions {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** The settings that these are from. */
  readonly settings?: { readonly host: string; readonly port: string }
  /** How long a connection is kept on which nothing is asked. Milliseconds. */
  readonly keepAliveMs: number
  /** How long a client may take to send a request; its head may take a third of that. Milliseconds. */
  readonly receiveMs: number
  /** How long a client may take nothing of what it is sent. Milliseconds. */
  readonly sendMs: number
  /** Further ones are closed as they come. */
  readonly maximumConnections: number
}

export interface Listening {
  /** The one that was given, or found. */
  readonly port: number
  /** From now on each answer closes its connection, so that the client's next request goes elsewhere. */
  retire(): void
  /** The same, and no more connections are taken: where others listen on the same port, they get them. */
  leave(): void
  /**
   * Takes no more connections, and waits for the requests that are under way. A connection on which nothing is asked is
   * closed at once, or when it is a moment old: Node would wait until a browser that has opened one ahead of time says
   * something. `drain` is to end what lasts by itself; it is called, and waited for, once nothing more can be asked on the
   * connections that are left.
   */
  stop(drain?: () => Promise<void>): Promise<void>
}

/** What answers: requests, and connections that ask to become something else. */
interface Doors {
  readonly handle: RequestListener
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** The head of a request: its first line and its headers. Bytes. */
export const MAXIMUM_HEAD = 16_384
/** How many may be connected that have not been let in yet: as Node has it. */
const BACKLOG = 511
/** How often Node looks for clients that take too long. Milliseconds. */
const CHECKING = 1_000
/** How often it is looked, in the time that a client has, whether it takes anything. */
const LOOKS = 10

export const listen = async (doors: Doors, options: ListenOptions): Promise<Listening> => {
  const { handle, upgrade } = doors
  const server = createServer({
    // Clients that offer HTTP/2 in passing, as Java's does, ask in HTTP/1.1 all the same, and are answered in it.
    shouldUpgradeCallback: upgrade === undefined ? () => false : asksForWebSocket,
    maxHeaderSize: MAXIMUM_HEAD,
    headersTimeout: Math.ceil(options.receiveMs / 3),
    requestTimeout: options.receiveMs,
    keepAliveTimeout: options.keepAliveMs,
    connectionsCheckingInterval: CHECKING,
  })
  server.maxConnections = options.maximumConnections
  // Workers would pass one that is too many on to each other for ever.
  Object.assign(server, { dropMaxConnection: true })
  const connections = new Connections(server)
  const unread = new Unread(server, LOOKS)
  const looking = setInterval(() => unread.check(), options.sendMs / LOOKS).unref()
  server.once('close', () => clearInterval(looking))
  server.on('request', handle)
  server.on('clientError', (error, socket) => refuseBroken(error, socket, connections.isBusy(socket as Socket)))
  server.on('upgrade', (request, socket, head) => {
    // Node has taken its own listener off: without one, a reset connection would end the process.
    socket.on('error', () => socket.destroy())
    upgrade?.(request, socket, head)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(listenError(error, options)))
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    retire: () => connections.retire(),
    leave: () => {
      connections.retire()
      // That of HTTP closes connections on which nothing is asked as well, while a request may be on its way on them.
      NetServer.prototype.close.call(server)
    },
    stop: async (drain = async () => undefined) => {
      await connections.letIn(BACKLOG)
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      // What has been sent by now is read before a connection counts as one on which nothing is asked.
      await new Promise(resolve => setImmediate(resolve))
      connections.close()
      await connections.asked()
      await Promise.all([closed, drain()])
    },
  }
}

const asksForWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket'

const OWN_SETTINGS = { host: 'HOST', port: 'PORT' }

const listenError = (error: NodeJS.ErrnoException, { host, port, settings = OWN_SETTINGS }: ListenOptions): Error => {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `something else listens there already; set ${settings.port} to another port`,
    EACCES: `this user may not listen on that port; set ${settings.port} to one above 1023`,
    EADDRNOTAVAIL: `this machine does not have that address; set ${settings.host} to one that it has`,
    ENOTFOUND: `there is no such host; set ${settings.host} to a name or an address of this machine`,
  }
  const reason = reasons[error.code ?? ''] ?? error.message
  return new ListenError(`Cannot listen on ${host}:${port}: ${reason}.`, { cause: error })
}
