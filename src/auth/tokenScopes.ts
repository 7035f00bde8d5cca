import type { JWTPayload } from 'jose'
import { ACTIONS, type Action } from '../model.ts'

const PREFIX = 'restcomm:'

/**
 * Returns the actions which the scopes of a token permit; null if no scope begins with `restcomm:`. An unknown scope with
 * the prefix permits no action. Identity providers write scopes into `scope` (RFC 9068) or `scp`, as a text with spaces
 * or as an array.
 */
export function permittedActions({ scope, scp }: JWTPayload): readonly Action[] | null {
  const scopes = [scope, scp].flat().flatMap(value => (typeof value === 'string' ? value.split(' ') : []))
  if (!scopes.some(name => name.startsWith(PREFIX))) return null
  return ACTIONS.filter(action => scopes.includes(PREFIX + action))
}
