import { connect } from 'node:net'
import type { Attempt } from './graphqlRequests.ts'

/** One HTTP answer, as far as it came. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  readonly isWhole: boolean
}

/** How long a connection may be quiet before nothing more is expected of it. Milliseconds. */
const QUIET = 200
/** The same where an answer must come. */
const PATIENT = 20_000

const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** Sends an attempt over a connection of its own, and collects all that comes back. */
export const exchange = ({ pieces, isWhole }: Attempt, port: number): Promise<Buffer> =>
  new Promise(resolve => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    socket.setTimeout(isWhole ? PATIENT : QUIET, () => socket.destroy())
    // A server may close a connection while it is written to.
    socket.on('error', () => undefined)
    socket.on('data', chunk => {
      chunks.push(chunk)
      // A stream says `keep-alive` whatever was asked for; this is its end all the same.
      if (isWhole && chunk.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) socket.end()
    })
    socket.on('close', () => resolve(Buffer.concat(chunks)))
    socket.on('connect', () => {
      const [first, ...rest] = pieces
      if (first !== undefined) socket.write(first)
      const next = () => {
        const piece = rest.shift()
        if (piece === undefined || socket.destroyed) return
        socket.write(piece, () => setTimeout(next, 1))
      }
      setTimeout(next, 1)
    })
  })

/** The answers in what came over a connection; what follows an upgrade is left out. */
export const answersIn = (bytes: Buffer): readonly HttpAnswer[] => {
  const answers: HttpAnswer[] = []
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
    const [body, after, isWhole] = bodyOf(rest.slice(end + 4), headers, status)
    answers.push({ status, headers, body: Buffer.from(body, 'latin1').toString('utf8'), isWhole })
    if (status === 101) break
    rest = after
  }
  return answers
}

const bodyOf = (text: string, headers: ReadonlyMap<string, string>, status: number): [string, string, boolean] => {
  // An answer to HEAD has the headers of a body, and none.
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

/** The texts of the messages that a server sent over a WebSocket. */
export const messagesIn = (bytes: Buffer): readonly string[] => {
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
