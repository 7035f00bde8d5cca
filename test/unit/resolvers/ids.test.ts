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
  const invalidId = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })
  expect(() => parse({ id: encodeNodeId(type, ...keys, call) })).toThrow(invalidId)
  expect(() => parse({ id: encodeNodeId(type, ...keys.slice(0, -1)) })).toThrow(invalidId)
})

const badUserInput = (message: string) => expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT' } })

it('a null id beside the key fields of a reference is ignored, and so are null key fields beside an id', () => {
  const key = { accountSid: account, sid: conference }
  const id = encodeNodeId('Conference', account, conference)
  expect(parseConferenceKey({ id: null, ...key })).toEqual(key)
  expect(parseConferenceKey({ id: undefined, ...key })).toEqual(key)
  expect(parseConferenceKey({ id, accountSid: null, sid: null })).toEqual(key)
  expect(parseConferenceKey({ id, ...key })).toEqual(key)
})

it('a reference without a key is BAD_USER_INPUT and names the keys of the type', () => {
  expect(() => parseAccountSid({ id: null, sid: null })).toThrow(
    badUserInput('The reference of type Account has no key: expected `id`, or `sid`.'),
  )
  expect(() => parseParticipantKey({})).toThrow(
    badUserInput(
      'The reference of type Participant has no key: expected `id`, or `accountSid` and `conferenceSid` and `callSid`.',
    ),
  )
  expect(() => parseConferenceKey({ accountSid: account })).toThrow(
    badUserInput('null is not a valid ConferenceSid: expected "CF" followed by 32 letters or digits.'),
  )
  expect(() => parseConferenceKey({ id: {} })).toThrow(
    badUserInput('{…} is not a valid id: expected the `id` of an object returned by this API.'),
  )
})

it('a reference with contradicting keys is BAD_USER_INPUT', () => {
  const id = encodeNodeId('Conference', account, conference)
  const other = `CF${'b'.repeat(32)}`
  expect(() => parseConferenceKey({ id, accountSid: account, sid: other })).toThrow(
    badUserInput(`\`sid: "${other}"\` contradicts the id "${id}": expected keys of one Conference.`),
  )
})
