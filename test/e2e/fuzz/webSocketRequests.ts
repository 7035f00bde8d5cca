import { basic } from '../../support/gateway.ts'
import type { Prng } from '../../support/prng.ts'
import type { FuzzRequest } from './graphqlRequests.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

function upgradeRequest(prng: Prng, isValid: boolean): Buffer {
  const header = <T>(valid: T, ...malformed: readonly T[]): T =>
    isValid || !prng.oneIn(3) ? valid : prng.pick(malformed)
  const lines = [
    header(
      'GET /graphql HTTP/1.1',
      'POST /graphql HTTP/1.1',
      'GET / HTTP/1.1',
      'GET /graphql HTTP/1.0',
      'GET /graphql? HTTP/1.1',
    ),
    header('Host: gateway.example.com', 'Host: a b', 'X-Host: none'),
    header('Upgrade: websocket', 'Upgrade: WebSocket, h2c', 'Upgrade: '),
    header('Connection: Upgrade', 'Connection: close', 'Connection: keep-alive, Upgrade'),
    header(
      `Sec-WebSocket-Key: ${KEY}`,
      'Sec-WebSocket-Key: short',
      'X-Key: none',
      `Sec-WebSocket-Key: ${'A'.repeat(400)}`,
    ),
    header('Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 8', 'Sec-WebSocket-Version: x', 'X-Version: none'),
    header(
      'Sec-WebSocket-Protocol: graphql-transport-ws',
      'Sec-WebSocket-Protocol: graphql-ws',
      'Sec-WebSocket-Protocol: ,,',
      'X-Protocol: none',
    ),
    header(
      'X-Extensions: none',
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99',
      'Sec-WebSocket-Extensions: "',
    ),
    ...(prng.oneIn(2) ? [`Authorization: ${basic('conf1')}`] : []),
    ...(prng.oneIn(8) ? ['Origin: https://evil.example.com'] : []),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/** A masked frame of a client. */
function frame(payload: Buffer, opcode = 1, flags = 0x80): Buffer {
  const mask = Buffer.from([1, 2, 3, 4])
  const masked = Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)))
  const head =
    payload.length < 126
      ? Buffer.from([flags | opcode, 0x80 | payload.length])
      : Buffer.from([flags | opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([head, mask, masked])
}

const malformedFrame = (prng: Prng): Buffer =>
  prng.pick([
    prng.bytes(1 + prng.integerBelow(60)),
    // Unmasked.
    Buffer.from([0x81, 2, 0x7b, 0x7d]),
    // Reserved bits and opcodes.
    frame(Buffer.from('x'), 1, 0xf0),
    frame(Buffer.from('x'), 3 + prng.integerBelow(5)),
    frame(Buffer.from('x'), 11 + prng.integerBelow(5)),
    // An oversized and a fragmented control frame.
    frame(Buffer.alloc(200), 9),
    frame(Buffer.from('x'), 9, 0),
    // A continuation frame without a first frame, and a first frame inside a fragmented message.
    frame(Buffer.from('x'), 0),
    Buffer.concat([frame(Buffer.from('x'), 1, 0), frame(Buffer.from('y'), 1, 0)]),
    // A text message with invalid UTF-8.
    frame(Buffer.from([0xff, 0xfe, 0xc3, 0x28])),
    // Close frames: an invalid code, a truncated code, a reason with invalid UTF-8.
    frame(Buffer.from([0x03, 0xe7]), 8),
    frame(Buffer.from([0x03]), 8),
    frame(Buffer.from([0x03, 0xe8, 0xff, 0xff]), 8),
    // A length above the maximum.
    Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.alloc(8, 0xff), prng.bytes(20)]),
    Buffer.concat([Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]), prng.bytes(20)]),
  ])

const INIT = { type: 'connection_init', payload: { authorization: basic('conf1') } }

const randomMessage = (prng: Prng): unknown =>
  prng.pick<unknown>([
    INIT,
    { type: 'connection_init', payload: prng.json() },
    { type: 'connection_init', payload: { authorization: prng.json() } },
    { type: 'ping', payload: prng.json() },
    { type: 'pong' },
    { type: 'complete', id: prng.json() },
    { type: 'complete', id: '1' },
    { type: 'connection_ack' },
    { type: 'next', id: '1', payload: {} },
    { type: prng.json() },
    { id: '1' },
    prng.json(),
    { type: 'subscribe' },
    { type: 'subscribe', id: '', payload: { query: '{ __typename }' } },
    { type: 'subscribe', id: prng.json(), payload: { query: '{ __typename }' } },
    { type: 'subscribe', id: '1', payload: prng.json() },
    { type: 'subscribe', id: '1', payload: { query: prng.json() } },
    {
      type: 'subscribe',
      id: '1',
      payload: { query: prng.corruptText('{ viewer { sid conferences(first: 2) { nodes { sid } } } }') },
    },
    {
      type: 'subscribe',
      id: '2',
      payload: { query: '{ viewer { sid } }', variables: prng.json(), extensions: prng.json() },
    },
    { type: 'subscribe', id: '3', payload: { query: '{ viewer { sid } }', operationName: prng.json() } },
    {
      type: 'subscribe',
      id: '4',
      payload: { query: 'subscription { conferenceEvents(conferenceId: "x") { __typename } }' },
    },
    {
      type: 'subscribe',
      id: '5',
      payload: {
        query: prng.corruptText('subscription { accountEvents { ... on ConferenceStarted { conference { sid } } } }'),
      },
    },
    {
      type: 'subscribe',
      id: '6',
      payload: { query: 'mutation { muteParticipant(input: { participantId: "x" }) { userErrors { code } } }' },
    },
  ])

/** A WebSocket upgrade request followed by frames, valid or malformed. */
export function webSocketRequest(prng: Prng): FuzzRequest {
  const isValid = prng.oneIn(2) || prng.oneIn(2)
  const chunks = [upgradeRequest(prng, isValid)]
  if (isValid && !prng.oneIn(4)) chunks.push(frame(Buffer.from(JSON.stringify(INIT))))
  for (let count = prng.integerBelow(6); count > 0; count--) {
    const text = JSON.stringify(randomMessage(prng)) ?? ''
    chunks.push(
      prng.oneIn(4)
        ? malformedFrame(prng)
        : frame(Buffer.from(prng.oneIn(6) ? prng.corruptText(text) : text).subarray(0, 60_000)),
    )
  }
  return {
    description: Buffer.concat(chunks).subarray(0, 600).toString('latin1'),
    chunks,
    expectsResponse: false,
  }
}
