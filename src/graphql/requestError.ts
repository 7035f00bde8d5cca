import { GraphQLError } from 'graphql'
import { statusOf } from '../errorCodes.ts'

interface RefusalDetails {
  /** Of the HTTP response. */
  readonly headers?: Readonly<Record<string, string>>
  /** What programs read, beside the code. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * What a request is refused with before anything of it is run. A status of 400 goes to clients that accept
 * `application/graphql-response+json`; others have 200 for it, as for a query that is not valid. Other statuses are for
 * all.
 */
export const refusal = (code: string, message: string, { headers, extensions }: RefusalDetails = {}): GraphQLError => {
  const status = statusOf(new GraphQLError(message, { extensions: { code } }))
  const http = { status, spec: status === 400, ...(headers && { headers }) }
  return new GraphQLError(message, { extensions: { code, ...extensions, http } })
}
