import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** A short answer of the server's own, beside the graph. */
export const answer = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
}

/** Does not wait for the client to close its side. */
export const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
}
