import type { Duplex } from 'node:stream'
import { respondAndClose } from './respond.ts'

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/**
 * Rejects malformed, too large and too slow requests with a status line. Omits the status line on an open connection in
 * two cases. During a response (`isBusy`), the status line would corrupt the response. Before the client has sent a
 * byte, the client would take the status line for the response to a later request.
 */
export function handleClientError(error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean): void {
  // A client which has sent nothing would take an error status for the response to the first request.
  const hasSentNothing = 'bytesRead' in socket && socket.bytesRead === 0
  if (!socket.writable || isBusy || hasSentNothing || error.code === 'ECONNRESET') socket.destroy(error)
  else respondAndClose(socket, STATUS_LINES[error.code ?? ''] ?? '400 Bad Request')
}
