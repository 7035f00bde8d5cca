import type { WebSocket } from 'ws'

const MAX_BUFFERED_BYTES = 1_048_576

/** Stops reading requests of a client which does not read responses, to bound the size of the unsent responses. */
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
