import { badUserInput } from '../userInputError.ts'

/** What an `id` stands for: a type, and the identifiers that a look-up of it needs. */
interface NodeId {
  readonly type: string
  readonly keys: readonly string[]
}

const DECODED = /^[A-Z][A-Za-z]{0,63}(:[A-Za-z0-9-]{1,80}){1,4}$/

export const toNodeId = (type: string, ...keys: readonly string[]): string =>
  Buffer.from(`${type}:${keys.join(':')}`, 'latin1').toString('base64url')

/** Parses an `id`, or refuses: what this API did not issue is the caller's mistake, not a missing object. */
export const fromNodeId = (id: string): NodeId => {
  const decoded = id.length <= 512 ? Buffer.from(id, 'base64url').toString('latin1') : ''
  const [type, ...keys] = decoded.split(':')
  if (type === undefined || !DECODED.test(decoded) || toNodeId(type, ...keys) !== id) {
    throw notIssued()
  }
  return { type, keys }
}

export const notIssued = (): Error => badUserInput('This id was not issued by this API.')
