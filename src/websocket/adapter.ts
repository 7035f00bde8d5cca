import type { IncomingMessage } from 'node:http'
import { CloseCode, MessageType, type Server, stringifyMessage } from 'graphql-ws'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { sendOver } from './backpressure.ts'

/** What graphql-ws hands back with everything that comes over a connection. */
export interface Client {
  readonly socket: WebSocket
  readonly request: IncomingMessage
}

interface ClientOptions {
  readonly log: Logger
  /** Told the id of an operation that the client waits for no more. */
  readonly onComplete: (id: string) => void
}

/** Between two signs of life, without which a connection counts as dead. Milliseconds. */
const KEEP_ALIVE = 15_000

const PONG = stringifyMessage({ type: MessageType.Pong })

/**
 * Hands a connection to graphql-ws. In place of its own adapter for `ws`, which writes what clients do wrong to the
 * console, with a stack, and tells it to them. To graphql-ws a `complete` means that results are not sent any more, and it
 * tells nobody: their work would go on.
 */
export const openClient = (server: Server<Client>, client: Client, { log, onComplete }: ClientOptions): void => {
  const { socket } = client
  // By then `ws` has closed the connection.
  socket.on('error', ({ message }) => log.debug({ from: 'ws' }, message))
  const send = sendOver(socket)
  const stopHeart = keepAlive(socket)
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send,
      close: (code, reason) => socket.close(code, reason),
      // What comes with a ping need not come back, and may be as large as a message.
      onPing: () => send(PONG),
      onMessage: handle =>
        socket.on('message', async data => {
          try {
            const text = String(data)
            // By the time the work is given up, its results must not be sent any more.
            const handled = handle(text)
            const completed = completedBy(text)
            if (completed !== null) onComplete(completed)
            await handled
          } catch (error) {
            refuse(socket, log, error instanceof Error ? error : new Error(String(error)))
          }
        }),
    },
    client,
  )
  socket.once('close', (code, reason) => {
    stopHeart()
    void closed(code, String(reason))
  })
}

/** The id of the operation that a message completes; null where it is another. */
const completedBy = (text: string): string | null => {
  // Most are not, and need not be parsed once more.
  if (!text.includes('"complete"')) return null
  try {
    const { type, id } = JSON.parse(text) ?? {}
    return type === 'complete' && typeof id === 'string' ? id : null
  } catch {
    return null
  }
}

/** A message that only servers send is the client's mistake; anything else is ours. */
const refuse = (socket: WebSocket, log: Logger, error: Error): void => {
  if (error.message.startsWith('Unexpected message')) {
    log.debug({ from: 'ws' }, error.message)
    socket.close(CloseCode.BadRequest, 'Invalid message')
  } else {
    log.error({ err: error }, 'unexpected error')
    socket.close(CloseCode.InternalServerError, 'Internal server error')
  }
}

/** Asks for a sign of life now and then. Call what it returns when the connection is closed. */
const keepAlive = (socket: WebSocket): (() => void) => {
  let isAlive = true
  socket.on('pong', () => {
    isAlive = true
  })
  const timer = setInterval(() => {
    if (socket.isPaused) {
      // From a client that is not read no sign can come.
      isAlive = true
      return
    }
    if (!isAlive) return socket.terminate()
    isAlive = false
    if (socket.readyState === socket.OPEN) socket.ping()
  }, KEEP_ALIVE)
  return () => clearInterval(timer)
}
