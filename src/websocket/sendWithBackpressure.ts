import type { WebSocket } from 'ws'

const MAX_BUFFERED_BYTES = 1_048_576

/** If the client does not read responses, stops reading requests of the client. */
export function sendWithBackpressure(socket: WebSocket) {
  return (data: string): Promise<void> =>
    new Promise(resolve => {
      if (socket.readyState !== socket.OPEN) return resolve()
      socket.send(data, () => {
        if (socket.isPaused && socket.bufferedAmount <= MAX_BUFFERED_BYTES) socket.resume()
        resolve()
      })
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) socket.pause()
    })
}
