import { GraphQLError } from 'graphql'
import { httpStatusOf } from '../errorMapping.ts'

interface RequestErrorOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * An error before execution, in a response without `data`. Status 400 is sent to clients of
 * `application/graphql-response+json` only; clients of `application/json` receive 200. Statuses except 400 are sent to
 * all clients.
 */
export function requestError(
  code: string,
  message: string,
  { headers, extensions }: RequestErrorOptions = {},
): GraphQLError {
  const status = httpStatusOf(new GraphQLError(message, { extensions: { code } }))
  const http = { status, spec: status === 400, ...(headers && { headers }) }
  return new GraphQLError(message, { extensions: { code, ...extensions, http } })
}
