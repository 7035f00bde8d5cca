import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { GraphQLError } from 'graphql'
import { statusOf } from '../errorCodes.ts'

/** A short answer of the server's own, beside the graph. */
export const answer = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
}

/** An answer that has the form of the graph's, to what never reaches the graph; unless given, the status is its code's. */
export const answerError = (response: ServerResponse, code: string, message: string, status?: number): void => {
  const extensions = { code, requestId: response.getHeader('x-request-id') }
  const error = new GraphQLError(message, { extensions })
  answer(response, status ?? statusOf(error), JSON.stringify({ errors: [error] }))
}

/** Why pages of other origins are refused, at either door. */
export const CROSS_ORIGIN = {
  code: 'CROSS_ORIGIN',
  message: 'Pages of other origins may not ask here (CORS_ORIGINS).',
} as const

/** Does not wait for the client to close its side. What is said has the form of the graph's answers. */
export const refuse = (
  socket: Duplex,
  status: string,
  why?: { readonly code: string; readonly message: string },
): void => {
  const requestId = randomUUID()
  const body = why && JSON.stringify({ errors: [{ message: why.message, extensions: { code: why.code, requestId } }] })
  const about = [
    `X-Request-Id: ${requestId}`,
    'Content-Type: application/json',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body ?? '')}`,
  ]
  const head = [`HTTP/1.1 ${status}`, 'Connection: close', ...(body === undefined ? [] : about), '', '']
  socket.end(head.join('\r\n') + (body ?? ''), () => socket.destroy())
}
