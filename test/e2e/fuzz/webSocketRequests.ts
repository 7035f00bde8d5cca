import { basic } from '../../support/gateway.ts'
import type { Dice } from '../../support/prng.ts'
import type { Attempt } from './graphqlRequests.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

const upgrade = (dice: Dice, isRight: boolean): Buffer => {
  const odd = <T>(right: T, ...wrong: readonly T[]): T => (isRight || !dice.oneIn(3) ? right : dice.pick(wrong))
  const lines = [
    odd(
      'GET /graphql HTTP/1.1',
      'POST /graphql HTTP/1.1',
      'GET / HTTP/1.1',
      'GET /graphql HTTP/1.0',
      'GET /graphql? HTTP/1.1',
    ),
    odd('Host: gateway.example.com', 'Host: a b', 'X-Host: none'),
    odd('Upgrade: websocket', 'Upgrade: WebSocket, h2c', 'Upgrade: '),
    odd('Connection: Upgrade', 'Connection: close', 'Connection: keep-alive, Upgrade'),
    odd(
      `Sec-WebSocket-Key: ${KEY}`,
      'Sec-WebSocket-Key: short',
      'X-Key: none',
      `Sec-WebSocket-Key: ${'A'.repeat(400)}`,
    ),
    odd('Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 8', 'Sec-WebSocket-Version: x', 'X-Version: none'),
    odd(
      'Sec-WebSocket-Protocol: graphql-transport-ws',
      'Sec-WebSocket-Protocol: graphql-ws',
      'Sec-WebSocket-Protocol: ,,',
      'X-Protocol: none',
    ),
    odd(
      'X-Extensions: none',
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99',
      'Sec-WebSocket-Extensions: "',
    ),
    ...(dice.oneIn(2) ? [`Authorization: ${basic('conf1')}`] : []),
    ...(dice.oneIn(8) ? ['Origin: https://evil.example.com'] : []),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/** A frame as a client sends it: masked. */
const frame = (payload: Buffer, opcode = 1, first = 0x80): Buffer => {
  const mask = Buffer.from([1, 2, 3, 4])
  const masked = Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)))
  const head =
    payload.length < 126
      ? Buffer.from([first | opcode, 0x80 | payload.length])
      : Buffer.from([first | opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([head, mask, masked])
}

const brokenFrame = (dice: Dice): Buffer =>
  dice.pick([
    dice.bytes(1 + dice.below(60)),
    // Not masked.
    Buffer.from([0x81, 2, 0x7b, 0x7d]),
    // Reserved bits and opcodes.
    frame(Buffer.from('x'), 1, 0xf0),
    frame(Buffer.from('x'), 3 + dice.below(5)),
    frame(Buffer.from('x'), 11 + dice.below(5)),
    // A control frame that is too long, and one in parts.
    frame(Buffer.alloc(200), 9),
    frame(Buffer.from('x'), 9, 0),
    // A part without a beginning, and a beginning in a beginning.
    frame(Buffer.from('x'), 0),
    Buffer.concat([frame(Buffer.from('x'), 1, 0), frame(Buffer.from('y'), 1, 0)]),
    // Text that is not UTF-8.
    frame(Buffer.from([0xff, 0xfe, 0xc3, 0x28])),
    // Closing with a code that is none, with half a code, and with a reason that is not UTF-8.
    frame(Buffer.from([0x03, 0xe7]), 8),
    frame(Buffer.from([0x03]), 8),
    frame(Buffer.from([0x03, 0xe8, 0xff, 0xff]), 8),
    // Longer than anything may be.
    Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.alloc(8, 0xff), dice.bytes(20)]),
    Buffer.concat([Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]), dice.bytes(20)]),
  ])

const INIT = { type: 'connection_init', payload: { authorization: basic('conf1') } }

const message = (dice: Dice): unknown =>
  dice.pick<unknown>([
    INIT,
    { type: 'connection_init', payload: dice.json() },
    { type: 'connection_init', payload: { authorization: dice.json() } },
    { type: 'ping', payload: dice.json() },
    { type: 'pong' },
    { type: 'complete', id: dice.json() },
    { type: 'complete', id: '1' },
    { type: 'connection_ack' },
    { type: 'next', id: '1', payload: {} },
    { type: dice.json() },
    { id: '1' },
    dice.json(),
    { type: 'subscribe' },
    { type: 'subscribe', id: '', payload: { query: '{ __typename }' } },
    { type: 'subscribe', id: dice.json(), payload: { query: '{ __typename }' } },
    { type: 'subscribe', id: '1', payload: dice.json() },
    { type: 'subscribe', id: '1', payload: { query: dice.json() } },
    {
      type: 'subscribe',
      id: '1',
      payload: { query: dice.broken('{ viewer { sid conferences(first: 2) { nodes { sid } } } }') },
    },
    {
      type: 'subscribe',
      id: '2',
      payload: { query: '{ viewer { sid } }', variables: dice.json(), extensions: dice.json() },
    },
    { type: 'subscribe', id: '3', payload: { query: '{ viewer { sid } }', operationName: dice.json() } },
    {
      type: 'subscribe',
      id: '4',
      payload: { query: 'subscription { conferenceEvents(conferenceId: "x") { __typename } }' },
    },
    {
      type: 'subscribe',
      id: '5',
      payload: { query: dice.broken('subscription { conferencesChanged { sid status } }') },
    },
    {
      type: 'subscribe',
      id: '6',
      payload: { query: 'mutation { muteParticipant(input: { participantId: "x" }) { userErrors { code } } }' },
    },
  ])

/** An upgrade that may be wrong, and frames and messages after it that may be. */
export const webSocketAttempt = (dice: Dice): Attempt => {
  const isRight = dice.oneIn(2) || dice.oneIn(2)
  const pieces = [upgrade(dice, isRight)]
  if (isRight && !dice.oneIn(4)) pieces.push(frame(Buffer.from(JSON.stringify(INIT))))
  for (let count = dice.below(6); count > 0; count--) {
    const text = JSON.stringify(message(dice)) ?? ''
    pieces.push(
      dice.oneIn(4)
        ? brokenFrame(dice)
        : frame(Buffer.from(dice.oneIn(6) ? dice.broken(text) : text).subarray(0, 60_000)),
    )
  }
  return { what: Buffer.concat(pieces).subarray(0, 600).toString('latin1'), pieces, isWhole: false }
}
