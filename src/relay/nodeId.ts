import { badUserInput, quote } from '../userInputError.ts'

const NODE_ID_PATTERN = /^[A-Z][A-Za-z]{0,63}(:[A-Za-z0-9-]{1,80}){1,4}$/
const MAX_NODE_ID_CHARS = 512

export function encodeNodeId(type: string, ...keys: readonly string[]): string {
  return Buffer.from(`${type}:${keys.join(':')}`, 'latin1').toString('base64url')
}

/** Decodes an `id` of Relay's Node interface. Throws `BAD_USER_INPUT` for an id not issued by this API. */
export function decodeNodeId(id: unknown) {
  const isShort = typeof id === 'string' && id.length <= MAX_NODE_ID_CHARS
  const decoded = isShort ? Buffer.from(id, 'base64url').toString('latin1') : ''
  const [type, ...keys] = decoded.split(':')
  if (type === undefined || !NODE_ID_PATTERN.test(decoded) || encodeNodeId(type, ...keys) !== id) {
    throw invalidNodeId(id)
  }
  return { type, keys }
}

export function invalidNodeId(id: unknown): Error {
  return badUserInput(`${quote(id)} is not a valid id: expected the \`id\` of an object returned by this API.`)
}
