import { type ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import { statusOf } from '../errors.ts'

export interface RequestIdentity {
  /** The same in the response's header, in its errors, in the log and upstream. */
  readonly requestId: string
}

/**
 * Logs what went wrong, and gives each error of a response the request's id, so that who sees one can be helped.
 * Expects errors that are public already: the causes behind them are for the log alone.
 */
export const reportErrors = (log: Logger): Plugin<RequestIdentity> => ({
  onExecutionResult: ({ result, setResult, context }) => {
    if (!result || Array.isArray(result) || Symbol.asyncIterator in result) return
    const { errors } = result as ExecutionResult
    if (errors === undefined || errors.length === 0) return
    const { requestId } = context as RequestIdentity & typeof context
    for (const error of errors) report(log, requestId, error)
    const hasData = 'data' in result && result.data !== null && result.data !== undefined
    setResult({ ...result, errors: errors.map(error => identified(error, requestId, hasData)) })
  },
})

const report = (log: Logger, requestId: string, error: GraphQLError): void => {
  const code = error.extensions.code
  const details = { requestId, code, path: error.path?.join('.'), cause: error.originalError?.cause }
  if (code === 'INTERNAL_SERVER_ERROR') log.error({ ...details, err: error.originalError ?? error }, 'unexpected error')
  else if (String(code).startsWith('UPSTREAM_')) log.warn(details, error.message)
  else log.debug(details, error.message)
}

/**
 * Where a response has nothing but errors, the first of them is its HTTP status as well, for clients that accept
 * `application/graphql-response+json`. Those that accept `application/json` only get a 200, as they expect.
 */
const identified = (error: GraphQLError, requestId: string, hasData: boolean): GraphQLError => {
  const { message, nodes = null, source = null, positions = null, path = null, originalError = null } = error
  const http = error.extensions.http ?? (hasData || path === null ? undefined : { status: statusOf(error), spec: true })
  const extensions = { ...error.extensions, requestId, ...(http !== undefined && { http }) }
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions })
}
