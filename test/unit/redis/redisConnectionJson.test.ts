import { expect, it } from 'vitest'
import { parseJson } from '../../../src/redis/redisConnection.ts'
import { DecodingError, invalidMember } from '../../../src/restcomm/errors.ts'

it('parseJson restores the decoding errors of a state, and leaves equal texts unchanged', () => {
  const muted = invalidMember('participant', 'muted', 'true or false')
  const row = new DecodingError('Restcomm returned a malformed participant.', 'digest')
  const state = { participants: [{ callSid: 'CA1', muted, uri: '{"decodingError":"text"}' }], row }
  const restored = parseJson<typeof state>(JSON.stringify(state))
  expect(restored).toEqual(state)
  expect(restored?.participants[0]?.muted).toBeInstanceOf(DecodingError)
  expect(restored?.participants[0]?.muted.message).toBe(muted.message)
  expect([restored?.row.message, restored?.row.rowId]).toEqual([row.message, 'digest'])
})

it('parseJson returns null for a missing text and for a text that is not JSON', () => {
  expect([parseJson(null), parseJson('{'), parseJson('{"decodingError":')]).toEqual([null, null, null])
})
