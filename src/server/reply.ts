import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { GraphQLError } from 'graphql'
import { statusOf } from '../errors.ts'

/** A short answer of the server's own, beside the graph. */
export const answer = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
}

/** An answer that has the form of the graph's, with the status of its code, to what never reaches the graph. */
export const answerError = (response: ServerResponse, code: string, message: string): void => {
  const extensions = { code, requestId: response.getHeader('x-request-id') }
  const error = new GraphQLError(message, { extensions })
  answer(response, statusOf(error), JSON.stringify({ errors: [error] }))
}

/** Does not wait for the client to close its side. */
export const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
}
