import type { IncomingMessage } from 'node:http'
import { CloseCode, MessageType, type Server, stringifyMessage } from 'graphql-ws'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { clientDisconnected } from '../errorMapping.ts'
import type { OperationRecorder } from '../observability/operationRecorder.ts'
import type { CancellationToken } from '../restcomm/cancellationToken.ts'
import { asError } from '../restcomm/errors.ts'
import type { Turn, VerificationQueue } from './verificationQueue.ts'

export interface ActiveOperation {
  readonly recorder: OperationRecorder
  readonly cancellation: CancellationToken
  /** Whether the client completed the operation or disconnected. A time-out cancels only the token. */
  isCancelled: boolean
  /** Null unless later operations of the connection wait for this operation. */
  turn: Turn | null
}

/** The `extra` of the graphql-ws context. */
export interface WebSocketClient {
  readonly socket: WebSocket
  readonly request: IncomingMessage
  /** Operations in progress by id. A client may use the id of a completed operation again. */
  readonly operations: Map<string, ActiveOperation>
  /** Serialized payloads of the next messages, by operation id. */
  readonly slices: Map<string, readonly Buffer[]>
  readonly verification: VerificationQueue
  /** Called after a message of which the client has read little. */
  readonly recordUnsentBytes: (bytes: number) => void
}

/** Replaces a large payload in graphql-ws, which would serialize the payload again. No result is an empty object. */
export const SLICES_PLACEHOLDER = {}

/** Time between pings. If no pong arrives before the next ping, the gateway terminates the connection. */
const PING_INTERVAL_MS = 15_000
const MAX_BUFFERED_BYTES = 1_048_576
const PAYLOAD_KEY = ',"payload":'
const PLACEHOLDER_END = `${PAYLOAD_KEY}{}}`
const PONG = stringifyMessage({ type: MessageType.Pong })

/**
 * Replaces the `ws` adapter of graphql-ws, which logs client errors to the console, has no back pressure, terminates a
 * paused connection for a missing pong, and has no hook for `complete` messages. Without a hook, completed operations
 * would continue to run.
 */
export function attachSocket(server: Server<WebSocketClient>, client: WebSocketClient, log: Logger): void {
  const { socket, operations } = client
  socket.on('error', ({ code }: NodeJS.ErrnoException) => log.debug({ from: 'ws', code }, 'WebSocket error'))
  const send = (data: string) => sendWithBackpressure(client, withSlices(data, client))
  const stopPings = startPings(socket)
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send,
      close: (code, reason) => socket.close(code, reason),
      // The pong omits the payload of the ping, because the payload is optional and may be as large as a message.
      onPing: () => send(PONG),
      onMessage: handle =>
        socket.on('message', async data => {
          try {
            const text = String(data)
            // `handle` must run before `cancel`, so that graphql-ws sends no results of the cancelled operation.
            const handled = handle(text)
            const completedId = completedOperationId(text)
            if (completedId !== null) {
              cancel(operations.get(completedId))
              operations.delete(completedId)
            }
            await handled
          } catch (error) {
            closeOnError(socket, log, asError(error))
          }
        }),
    },
    client,
  )
  socket.once('close', async (code, reason) => {
    stopPings()
    await closed(code, String(reason))
    for (const operation of operations.values()) cancel(operation)
  })
}

function cancel(operation: ActiveOperation | undefined): void {
  if (operation === undefined) return
  operation.isCancelled = true
  operation.cancellation.cancel(clientDisconnected())
  operation.recorder.close()
  operation.turn?.cancel()
}

/** If the client does not read responses, stops reading requests of the client. */
function sendWithBackpressure(client: WebSocketClient, data: string | Buffer): Promise<void> {
  const { socket } = client
  return new Promise(resolve => {
    if (socket.readyState !== socket.OPEN) return resolve()
    socket.send(data, { binary: false }, () => {
      if (socket.isPaused && socket.bufferedAmount <= MAX_BUFFERED_BYTES) socket.resume()
      resolve()
    })
    if (socket.bufferedAmount <= MAX_BUFFERED_BYTES) return
    socket.pause()
    client.recordUnsentBytes(data.length)
  })
}

/** Returns the message with the payload that `SLICES_PLACEHOLDER` stands for. */
function withSlices(message: string, { slices }: WebSocketClient): string | Buffer {
  if (!message.endsWith(PLACEHOLDER_END)) return message
  const { id } = JSON.parse(message) as { readonly id: string }
  const payload = slices.get(id)
  if (payload === undefined) return message
  slices.delete(id)
  const head = message.slice(0, -PLACEHOLDER_END.length) + PAYLOAD_KEY
  return Buffer.concat([Buffer.from(head), ...payload, Buffer.from('}')])
}

/** Returns the operation id of a `complete` message, else null. */
function completedOperationId(text: string): string | null {
  // Avoids a second JSON parse of most messages, which graphql-ws has already parsed.
  if (!text.includes('"complete"')) return null
  try {
    const { type, id } = JSON.parse(text) ?? {}
    return type === 'complete' && typeof id === 'string' ? id : null
  } catch {
    return null
  }
}

/** An unexpected message type is an error of the client; all remaining errors are bugs of the gateway. */
function closeOnError(socket: WebSocket, log: Logger, error: Error): void {
  if (error.message.startsWith('Unexpected message')) {
    log.debug({ from: 'ws' }, 'unexpected WebSocket message')
    socket.close(CloseCode.BadRequest, 'Invalid message')
  } else {
    log.error({ err: error }, 'unexpected WebSocket error')
    socket.close(CloseCode.InternalServerError, 'Internal server error')
  }
}

function startPings(socket: WebSocket): () => void {
  let isAlive = true
  socket.on('pong', () => {
    isAlive = true
  })
  const timer = setInterval(() => {
    if (socket.isPaused) {
      // The gateway does not read from a paused socket, so pongs cannot arrive.
      isAlive = true
      return
    }
    if (!isAlive) return socket.terminate()
    isAlive = false
    if (socket.readyState === socket.OPEN) socket.ping()
  }, PING_INTERVAL_MS)
  return () => clearInterval(timer)
}
