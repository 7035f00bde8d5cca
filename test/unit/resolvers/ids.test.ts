import { expect, it } from 'vitest'
import { encodeNodeId } from '../../../src/relay/nodeId.ts'
import {
  parseAccountSid,
  parseCallKey,
  parseConferenceKey,
  parseParticipantKey,
  parseRecordingKey,
} from '../../../src/resolvers/ids.ts'

const SIDS = ['AC', 'CF', 'CA', 'RE'].map(prefix => prefix + 'a'.repeat(32))
const [account = '', conference = '', call = '', recording = ''] = SIDS

it.each([
  ['Account', parseAccountSid, [account]],
  ['Conference', parseConferenceKey, [account, conference]],
  ['Participant', parseParticipantKey, [account, conference, call]],
  ['Call', parseCallKey, [account, call]],
  ['Recording', parseRecordingKey, [account, call, recording]],
] as const)('parsing the id of a %s rejects missing and additional keys with BAD_USER_INPUT', (type, parse, keys) => {
  expect(parse({ id: encodeNodeId(type, ...keys) })).toBeTruthy()
  const badUserInput = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })
  expect(() => parse({ id: encodeNodeId(type, ...keys, call) })).toThrow(badUserInput)
  expect(() => parse({ id: encodeNodeId(type, ...keys.slice(0, -1)) })).toThrow(badUserInput)
})
