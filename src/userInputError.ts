import { type ASTNode, GraphQLError } from 'graphql'

/** An error that the client can fix. `message` explains the fix; docs/errors.md lists the codes. */
export function userInputError(code: string, message: string, extensions: object = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions } })
}

/** `node` is the place of the error in the document, if known. */
export function badUserInput(message: string, node?: ASTNode): GraphQLError {
  return new GraphQLError(message, { nodes: node ?? null, extensions: { code: 'BAD_USER_INPUT' } })
}

/** Every `id` of the API is shorter, so error messages contain the complete `id`. */
const MAX_QUOTED_CHARS = 256

/**
 * Quotes a value of a request for an error message. Shortens long values. Reads only the beginning of a value, because a
 * query can use a large value of a variable in thousands of fields, and a value can be nested deeply.
 */
export function quote(value: unknown): string {
  return shorten(printBeginning(value, MAX_QUOTED_CHARS + 1))
}

/** Each level adds a character, so `maxChars` also limits the recursion. */
function printBeginning(value: unknown, maxChars: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, maxChars))
  if (typeof value !== 'object' || value === null) return String(value)
  if (!Array.isArray(value)) return '{…}'
  let text = '['
  for (const item of value) {
    if (text.length >= maxChars) return text
    text += (text === '[' ? '' : ',') + printBeginning(item, maxChars - text.length)
  }
  return `${text}]`
}

/** Limits the length of a text of the client in an error message. */
export function shorten(text: string): string {
  return text.length <= MAX_QUOTED_CHARS ? text : `${text.slice(0, MAX_QUOTED_CHARS)}…`
}
