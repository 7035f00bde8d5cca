import { connect } from 'node:net'
import type { FuzzRequest } from './graphqlRequests.ts'

export interface RawResponse {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** False if the connection closed before the end of the body. */
  readonly isComplete: boolean
}

/** Idle time after which the client closes a connection. */
const IDLE_TIMEOUT_MS = 200
/** Idle time for requests that must be answered. */
const RESPONSE_TIMEOUT_MS = 20_000

const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** Sends a request over a new connection and returns all received bytes. */
export function sendRaw({ chunks, expectsResponse }: FuzzRequest, port: number): Promise<Buffer> {
  return new Promise(resolve => {
    const received: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    socket.setTimeout(expectsResponse ? RESPONSE_TIMEOUT_MS : IDLE_TIMEOUT_MS, () => socket.destroy())
    // The server may close the connection during a write.
    socket.on('error', () => undefined)
    socket.on('data', chunk => {
      received.push(chunk)
      // An event stream keeps the connection open despite `Connection: close`.
      if (expectsResponse && chunk.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) socket.end()
    })
    socket.on('close', () => resolve(Buffer.concat(received)))
    socket.on('connect', () => {
      const [first, ...rest] = chunks
      if (first !== undefined) socket.write(first)
      const writeNext = () => {
        const chunk = rest.shift()
        if (chunk === undefined || socket.destroyed) return
        socket.write(chunk, () => setTimeout(writeNext, 1))
      }
      setTimeout(writeNext, 1)
    })
  })
}

/** Parses HTTP responses up to a protocol upgrade. */
export function parseResponses(bytes: Buffer): readonly RawResponse[] {
  const responses: RawResponse[] = []
  let rest = bytes.toString('latin1')
  while (rest.startsWith('HTTP/1.')) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) break
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n')
    const headers = new Map(
      fields.map(field => {
        const colon = field.indexOf(':')
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
      }),
    )
    const status = Number(line.split(' ')[1])
    const [body, following, isComplete] = parseBody(rest.slice(end + 4), headers, status)
    responses.push({ status, headers, body: Buffer.from(body, 'latin1').toString('utf8'), isComplete })
    if (status === 101) break
    rest = following
  }
  return responses
}

/** Returns the body, the text behind the body, and whether the body is complete. */
function parseBody(text: string, headers: ReadonlyMap<string, string>, status: number): [string, string, boolean] {
  // A response to HEAD has the headers of a body without a body.
  if (text.startsWith('HTTP/1.') || text === '') return ['', text, true]
  const length = headers.get('content-length')
  if (status === 304 || status === 204 || (status >= 100 && status < 200)) return ['', text, true]
  if (length !== undefined) {
    const size = Number(length)
    return [text.slice(0, size), text.slice(size), text.length >= size]
  }
  if (headers.get('transfer-encoding') !== 'chunked') return [text, '', true]
  let [body, rest] = ['', text]
  for (;;) {
    const [, hex] = /^([0-9a-f]+)\r\n/.exec(rest) ?? []
    if (hex === undefined) return [body, rest, rest === '']
    const size = Number.parseInt(hex, 16)
    const start = hex.length + 2
    body += rest.slice(start, start + size)
    rest = rest.slice(start + size + 2)
    if (size === 0) return [body, rest, true]
  }
}

/** Parses the text messages behind the upgrade response. */
export function parseWebSocketMessages(bytes: Buffer): readonly string[] {
  const messages: string[] = []
  let at = bytes.indexOf('\r\n\r\n') + 4
  while (at + 2 <= bytes.length) {
    const opcode = (bytes[at] ?? 0) & 0x0f
    let length = (bytes[at + 1] ?? 0) & 0x7f
    at += 2
    if (length === 126) {
      length = bytes.readUInt16BE(at)
      at += 2
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at))
      at += 8
    }
    if (opcode === 1) messages.push(bytes.subarray(at, at + length).toString('utf8'))
    at += length
  }
  return messages
}
