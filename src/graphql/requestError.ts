import { GraphQLError } from 'graphql'
import { httpStatusOf } from '../errorMapping.ts'

interface RequestErrorOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * Creates an error that occurs before execution; the response has no `data`. If the status is 400, only clients of
 * `application/graphql-response+json` receive the status, and clients of `application/json` receive 200. All clients
 * receive statuses except 400.
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
