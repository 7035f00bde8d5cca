import type { Duplex } from 'node:stream'
import { refuse } from './respond.ts'

const STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/**
 * Answers what is not HTTP, is too long, or takes too long to come, by its status alone. Nothing is said where it would
 * mix with an answer that is under way, or where nothing was asked: a client that has sent nothing yet would take the
 * status for the answer to what it sends next.
 */
export const refuseBroken = (error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean): void => {
  const hasSentNothing = 'bytesRead' in socket && socket.bytesRead === 0
  if (!socket.writable || isBusy || hasSentNothing || error.code === 'ECONNRESET') socket.destroy(error)
  else refuse(socket, STATUSES[error.code ?? ''] ?? '400 Bad Request')
}
