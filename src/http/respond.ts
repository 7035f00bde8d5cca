import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { GraphQLError } from 'graphql'
import { type HttpExtension, httpStatusOf } from '../errorMapping.ts'

export function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
}

/** Sends an error in the GraphQL format, with the status and the headers of its `http` extension. */
export function sendError(response: ServerResponse, error: GraphQLError): void {
  const { status = httpStatusOf(error), headers = {} } = (error.extensions.http ?? {}) as HttpExtension
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  sendJson(response, status, errorBody(error, response.getHeader('x-request-id')))
}

/** Responds on a socket without a `ServerResponse`. Sends `error` as a GraphQL error in the body. */
export function respondAndClose(socket: Duplex, status: number, error?: GraphQLError): void {
  const requestId = randomUUID()
  const body = error === undefined ? '' : errorBody(error, requestId)
  const bodyHeaders = [
    `X-Request-Id: ${requestId}`,
    'Content-Type: application/json',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  const statusLine = `HTTP/1.1 ${status} ${STATUS_CODES[status]}`
  const head = [statusLine, 'Connection: close', ...(body === '' ? [] : bodyHeaders), '', '']
  socket.end(head.join('\r\n') + body, () => socket.destroy())
}

function errorBody({ message, extensions: { code, retryAfter } }: GraphQLError, requestId: unknown): string {
  return JSON.stringify({ errors: [{ message, extensions: { code, retryAfter, requestId } }] })
}
