import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeNodeId, encodeNodeId } from '../../../src/relay/nodeId.ts'

const sid = fc.stringMatching(/^[A-Za-z0-9-]{1,70}$/)
const badUserInput = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })

it('decodeNodeId returns the type and keys of an encoded id', () => {
  fc.assert(
    fc.property(fc.constantFrom('Conference', 'Call'), fc.array(sid, { minLength: 1, maxLength: 4 }), (type, keys) => {
      expect(decodeNodeId(encodeNodeId(type, ...keys))).toEqual({ type, keys })
    }),
  )
})

it('decodeNodeId rejects arbitrary strings', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      expect(() => decodeNodeId(text)).toThrow(badUserInput)
    }),
  )
})

it.each([
  ['an empty id', ''],
  ['a type alone', Buffer.from('Conference').toString('base64url')],
  ['an empty key', Buffer.from('Conference:').toString('base64url')],
  ['a key with a slash', Buffer.from('Conference:a/../b').toString('base64url')],
  ['an id with padding', `${encodeNodeId('Account', 'AC1')}=`],
  ['a very long id', encodeNodeId('Account', 'A'.repeat(80)).repeat(20)],
])('decodeNodeId rejects %s', (_case, id) => {
  expect(() => decodeNodeId(id)).toThrow(badUserInput)
})

it('decodeNodeId quotes the invalid id, shortened to 256 characters', () => {
  expect(() => decodeNodeId('nope')).toThrow(
    '"nope" is not a valid id: expected the `id` of an object returned by this API.',
  )
  expect(() => decodeNodeId('x'.repeat(300))).toThrow(`"${'x'.repeat(255)}… is not a valid id`)
})
