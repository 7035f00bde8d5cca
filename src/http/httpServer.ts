import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Config } from '../config.ts'
import { ConnectionTracker } from './connectionTracker.ts'
import { respondAndClose } from './respond.ts'
import { StalledSockets } from './stalledSockets.ts'

export class ListenError extends Error {
  override readonly name = 'ListenError'
}

interface Address {
  readonly host: string
  /** 0 selects a free port. */
  readonly port: number
  /** Prefix of the settings for the address, for error messages. */
  readonly settingPrefix?: '' | 'METRICS_'
}

interface Handlers {
  readonly handle: RequestListener
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** Limits the request line and all headers together. */
export const MAX_HEADER_BYTES = 16_384
/** Node's default for the number of connections which wait to be accepted. */
const LISTEN_BACKLOG = 511
const TIMEOUT_CHECK_INTERVAL_MS = 1_000
/** Number of progress checks within `sendTimeoutMs`. */
const STALL_CHECKS_PER_TIMEOUT = 10

export async function startHttpServer(handlers: Handlers, options: Config['connections'] & Address) {
  const { handle, upgrade } = handlers
  const server = createServer({
    // Serves requests which offer an upgrade to HTTP/2 as plain requests. Java's client, for example, offers HTTP/2.
    shouldUpgradeCallback: upgrade === undefined ? () => false : isWebSocketUpgrade,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The head must arrive within a third of the time for the whole request.
    headersTimeout: Math.ceil(options.receiveTimeoutMs / 3),
    requestTimeout: options.receiveTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
  })
  server.maxConnections = options.maxConnections
  // Closes excess connections. By default, a full worker would pass excess connections to the next worker.
  Object.assign(server, { dropMaxConnection: true })
  const connections = new ConnectionTracker(server)
  const stalledSockets = new StalledSockets(server, STALL_CHECKS_PER_TIMEOUT)
  const stallCheck = setInterval(
    () => stalledSockets.destroyStalled(),
    options.sendTimeoutMs / STALL_CHECKS_PER_TIMEOUT,
  ).unref()
  server.once('close', () => clearInterval(stallCheck))
  server.on('request', handle)
  server.on('clientError', (error, socket) => handleClientError(error, socket, connections.isBusy(socket as Socket)))
  server.on('upgrade', (request, socket, head) => {
    // After an upgrade, Node handles no socket errors. Without a listener, a connection reset would crash the process.
    socket.on('error', () => socket.destroy())
    upgrade?.(request, socket, head)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(listenError(error, options)))
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    /** After the call, every response closes the connection, so that clients reconnect to a different process. */
    startDraining: (): void => connections.startDraining(),
    /** Starts draining and closes the listening socket, so that the remaining workers accept new connections. */
    stopAccepting: (): void => {
      connections.startDraining()
      // Unlike `server.close`, keeps idle connections open, because a client may just be sending a request.
      NetServer.prototype.close.call(server)
    },
    /**
     * Stops accepting connections and waits for the requests in progress. Closes idle connections at once. Closes new
     * connections after a grace period, because browsers open connections which may never carry a request. Calls
     * `drain` to end streams and WebSockets once no connection can carry a new request.
     */
    close: async (drain = async () => {}): Promise<void> => {
      await connections.acceptBacklog(LISTEN_BACKLOG)
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      // Lets Node read requests already received, before idle connections are closed.
      await new Promise(resolve => setImmediate(resolve))
      connections.close()
      await connections.waitForPendingRequests()
      await Promise.all([closed, drain()])
    },
  }
}

/** Status of the response to an error of Node's HTTP parser. The status of all remaining errors is 400. */
const CLIENT_ERROR_STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/**
 * Rejects malformed, too large and too slow requests with a status line. Unlike the default of Node, omits the status
 * line in two cases. During a response (`isBusy`), the status line would corrupt the response. Before the client has
 * sent a byte, the client would take the status line for the response to a later request.
 */
function handleClientError(error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean): void {
  const hasSentNothing = 'bytesRead' in socket && socket.bytesRead === 0
  if (!socket.writable || isBusy || hasSentNothing || error.code === 'ECONNRESET') socket.destroy(error)
  else respondAndClose(socket, CLIENT_ERROR_STATUSES[error.code ?? ''] ?? 400)
}

const isWebSocketUpgrade = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket'

function listenError(error: NodeJS.ErrnoException, { host, port, settingPrefix = '' }: Address): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `the port is already in use; set ${settingPrefix}PORT to a free port`,
    EACCES: `permission denied; set ${settingPrefix}PORT to a port above 1023`,
    EADDRNOTAVAIL: `the address does not belong to this machine; set ${settingPrefix}HOST to a local address`,
    ENOTFOUND: `unknown host name; set ${settingPrefix}HOST to a name or an address of this machine`,
  }
  const reason = reasons[error.code ?? ''] ?? error.message
  return new ListenError(`Cannot listen on ${host}:${port}: ${reason}.`, { cause: error })
}
