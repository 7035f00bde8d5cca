import { expect, it } from 'vitest'
import { toNodeId } from '../../../src/relay/nodeId.ts'
import { accountKeyOf, callKeyOf, conferenceKeyOf, participantKeyOf, recordingKeyOf } from '../../../src/resolvers/ids.ts'

const SIDS = ['AC', 'CF', 'CA', 'RE'].map(prefix => prefix + 'a'.repeat(32))
const [account = '', conference = '', call = '', recording = ''] = SIDS

it.each([
  ['Account', accountKeyOf, [account]],
  ['Conference', conferenceKeyOf, [account, conference]],
  ['Participant', participantKeyOf, [account, conference, call]],
  ['Call', callKeyOf, [account, call]],
  ['Recording', recordingKeyOf, [account, call, recording]],
] as const)('the id of a %s has its own parts, none missing and none too many', (type, keyOf, parts) => {
  expect(keyOf({ id: toNodeId(type, ...parts) })).toBeTruthy()
  const refused = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })
  expect(() => keyOf({ id: toNodeId(type, ...parts, call) })).toThrow(refused)
  expect(() => keyOf({ id: toNodeId(type, ...parts.slice(0, -1)) })).toThrow(refused)
})
