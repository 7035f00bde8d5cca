import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromNodeId, toNodeId } from '../../../src/relay/nodeId.ts'

const sid = fc.stringMatching(/^[A-Za-z0-9-]{1,70}$/)
const refused = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })

it('gives back what an id was made of', () => {
  fc.assert(
    fc.property(fc.constantFrom('Conference', 'Call'), fc.array(sid, { minLength: 1, maxLength: 4 }), (type, keys) => {
      expect(fromNodeId(toNodeId(type, ...keys))).toEqual({ type, keys })
    }),
  )
})

it('refuses every text that it did not issue', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      expect(() => fromNodeId(text)).toThrow(refused)
    }),
  )
})

it.each([
  ['an empty id', ''],
  ['a type alone', Buffer.from('Conference').toString('base64url')],
  ['an empty key', Buffer.from('Conference:').toString('base64url')],
  ['a key with a slash', Buffer.from('Conference:a/../b').toString('base64url')],
  ['padding that was not issued', `${toNodeId('Account', 'AC1')}=`],
  ['a very long id', toNodeId('Account', 'A'.repeat(80)).repeat(20)],
])('refuses %s', (_what, id) => {
  expect(() => fromNodeId(id)).toThrow(refused)
})
