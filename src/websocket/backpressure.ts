import type { WebSocket } from 'ws'

/** How much may be left unsent on a connection before nothing more is read from it. Bytes. */
const MAXIMUM_UNSENT = 1_048_576

/**
 * Sends messages, and resolves once they have left. Every message that is read may have an answer: while a client does not
 * read its answers, it is not read either, so that they do not pile up.
 */
export const sendOver =
  (socket: WebSocket) =>
  (data: string): Promise<void> =>
    new Promise(resolve => {
      // A client that cannot be written to has gone, and that is heard of by itself.
      if (socket.readyState !== socket.OPEN) return resolve()
      socket.send(data, () => {
        if (socket.isPaused && socket.bufferedAmount <= MAXIMUM_UNSENT) socket.resume()
        resolve()
      })
      if (socket.bufferedAmount > MAXIMUM_UNSENT) socket.pause()
    })
