import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { GraphQLError } from 'graphql'
import { httpStatusOf } from '../errorMapping.ts'

export function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
}

/** Sends an error in the GraphQL format. By default, `code` determines the HTTP status. */
export function sendGraphQLError(response: ServerResponse, code: string, message: string, status?: number): void {
  const extensions = { code, requestId: response.getHeader('x-request-id') }
  const error = new GraphQLError(message, { extensions })
  sendJson(response, status ?? httpStatusOf(error), JSON.stringify({ errors: [error] }))
}

export const CROSS_ORIGIN = {
  code: 'CROSS_ORIGIN',
  message: 'The origin of the page is not allowed: expected the origin of the gateway or an origin in CORS_ORIGINS.',
} as const

/** Responds on a socket without a `ServerResponse`. Sends `error` as a GraphQL error in the body. */
export function respondAndClose(
  socket: Duplex,
  status: string,
  error?: { readonly code: string; readonly message: string },
): void {
  const requestId = randomUUID()
  const body =
    error && JSON.stringify({ errors: [{ message: error.message, extensions: { code: error.code, requestId } }] })
  const bodyHeaders = [
    `X-Request-Id: ${requestId}`,
    'Content-Type: application/json',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body ?? '')}`,
  ]
  const head = [`HTTP/1.1 ${status}`, 'Connection: close', ...(body === undefined ? [] : bodyHeaders), '', '']
  socket.end(head.join('\r\n') + (body ?? ''), () => socket.destroy())
}
