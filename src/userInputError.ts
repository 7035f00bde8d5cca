import { GraphQLError } from 'graphql'

/** An error that the caller can act on: the message is for the caller and says how. `code` is in the documentation. */
export const callerError = (code: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code } })

/** The caller's own mistake. Nothing was sent upstream. */
export const badUserInput = (message: string): GraphQLError => callerError('BAD_USER_INPUT', message)
