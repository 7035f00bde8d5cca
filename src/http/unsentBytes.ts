import type { OperationRecorder } from '../observability/operationRecorder.ts'
import type { RecentCallers } from '../restcomm/recentCallers.ts'

/** A response, or the socket of a WebSocket. */
interface Writer {
  /** Bytes which the kernel has not accepted yet. */
  readonly writableLength: number
  once(event: 'close', listener: () => void): unknown
}

interface Connection {
  /** Closing the socket frees the memory, also of a response that waits for an earlier response. */
  readonly socket: { readonly destroyed: boolean; destroy(): unknown }
  readonly operation: Pick<OperationRecorder, 'slot'>
}

/**
 * Bounds the memory for data which slow clients have not read yet. Above the maximum, closes the connections with the
 * most unsent bytes of the caller with the most. Once a second caller was active within the last minute, a caller has
 * at most half of the maximum.
 */
export class UnsentBytes {
  readonly #maxBytes: number
  readonly #recentCallers: Pick<RecentCallers, 'hasOthers'>
  readonly #onClosed: (connections: number) => void
  readonly #connections = new Map<Writer, Connection>()
  /** Sum of the last check, and of all bytes added since. Never less than the true sum. */
  #estimate = 0

  /** `onClosed` is called with the number of closed connections after a check that closed connections. */
  constructor(
    maxBytes: number,
    recentCallers: Pick<RecentCallers, 'hasOthers'>,
    onClosed: (connections: number) => void,
  ) {
    this.#maxBytes = maxBytes
    this.#recentCallers = recentCallers
    this.#onClosed = onClosed
  }

  /** Must be called when a stream starts, or with a response that is partly unsent. Tracks the writer until `close`. */
  add(writer: Writer, connection: Connection): void {
    if (!this.#connections.has(writer)) writer.once('close', () => this.#connections.delete(writer))
    this.#connections.set(writer, connection)
    if (writer.writableLength > 0) this.recordWrite(writer.writableLength)
  }

  /** Must be called after a large write of a stream. Checks the limits if the estimate makes an excess possible. */
  recordWrite(bytes: number): void {
    this.#estimate += bytes
    if (this.#estimate > this.#maxBytes / 2) this.check()
  }

  /** Must be called periodically, for the small writes of streams. */
  check(): void {
    const unsent = this.#unsentByCaller()
    let closed = 0
    for (;;) {
      const [largest] = unsent
      if (largest === undefined || !this.#isExcessive(largest)) break
      const next = largest.writers.pop()
      if (next === undefined) break
      largest.bytes -= next.bytes
      this.#estimate -= next.bytes
      next.socket.destroy()
      closed++
      unsent.sort((a, b) => b.bytes - a.bytes)
    }
    if (closed > 0) this.#onClosed(closed)
  }

  #isExcessive({ id, bytes }: CallerBytes): boolean {
    if (this.#estimate > this.#maxBytes) return true
    return bytes > this.#maxBytes / 2 && this.#recentCallers.hasOthers(id)
  }

  /** The callers with unsent bytes, the caller with the most first. */
  #unsentByCaller(): CallerBytes[] {
    const callers = new Map<string, CallerBytes>()
    this.#estimate = 0
    for (const [writer, { socket, operation }] of this.#connections) {
      // A pipelined response has no event `close` if the client disconnects before the response has its turn.
      if (socket.destroyed) this.#connections.delete(writer)
      const { writableLength: bytes } = writer
      if (bytes === 0 || socket.destroyed) continue
      const id = operation.slot?.clientId ?? ''
      const caller = callers.get(id) ?? { id, bytes: 0, writers: [] }
      callers.set(id, caller)
      caller.bytes += bytes
      caller.writers.push({ bytes, socket })
      this.#estimate += bytes
    }
    const sorted = [...callers.values()].sort((a, b) => b.bytes - a.bytes)
    for (const { writers } of sorted) writers.sort((a, b) => a.bytes - b.bytes)
    return sorted
  }
}

interface CallerBytes {
  readonly id: string
  bytes: number
  /** The writer with the most bytes last. */
  readonly writers: { readonly bytes: number; readonly socket: Connection['socket'] }[]
}
