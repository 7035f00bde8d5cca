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

/** Quotes a value of a request for an error message. Shortens long values. */
export function quote(value: unknown): string {
  return shorten(JSON.stringify(value) ?? String(value))
}

/** Limits the length of a text of the client in an error message. */
export function shorten(text: string): string {
  return text.length <= MAX_QUOTED_CHARS ? text : `${text.slice(0, MAX_QUOTED_CHARS)}…`
}
