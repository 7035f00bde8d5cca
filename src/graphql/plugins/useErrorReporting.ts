import { type ExecutionArgs, GraphQLError } from 'graphql'
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import { statusOf, toGraphQLError } from '../../errorCodes.ts'
import type { Operation, Result } from '../../observability/operationRecorder.ts'

/** What came with a request: whoever is told of it. */
interface Told {
  readonly operation: Operation
}

export interface ReportOptions {
  readonly log: Logger
  /** Whether a message may say which names of the schema are like one that it does not have. */
  readonly suggestions: boolean
}

/**
 * Logs what went wrong, and gives each error of a response the request's id, so that who sees one can be helped. In the
 * parts of a deferred or live response too, which nothing else masks. What the client is shown, the operation is told.
 */
export const reportErrors = (options: ReportOptions): Plugin<Told> => ({
  onExecute: ({ args }) => begin(args),
  onSubscribe: ({ args }) => begin(args),
  onExecutionResult: ({ result, setResult, context }) => {
    const { operation } = context as Told & typeof context
    const report = reporter(options, operation)
    if (isAsyncIterable<Result>(result)) {
      operation.streams()
      setResult(mapAsyncIterator(result, report, undefined, () => operation.leave()))
    } else if (result && !Array.isArray(result)) {
      setResult(report(result as Result))
    }
  },
  // What Yoga refuses before there is an operation to execute comes by here alone.
  onResultProcess: ({ result, setResult, serverContext }) => {
    if (isAsyncIterable(result)) return
    const { operation } = serverContext as unknown as Told
    const reported = (one: unknown) => reportRefusal(options, operation, one as Result)
    setResult(Array.isArray(result) ? result.map(reported) : reported(result))
  },
})

/** A result as it is, or one of errors that nobody has reported yet: those of a request that never was an operation. */
export const reportRefusal = (options: ReportOptions, operation: Operation, result: Result): Result =>
  result.errors?.some(isRefusal)
    ? reporter(options, operation)({ ...result, errors: result.errors.map(asBadRequest) })
    : result

/** Every other error has the request's id by now. */
const isRefusal = ({ extensions }: GraphQLError): boolean => extensions.requestId === undefined

/**
 * What is no request of GraphQL has one code and one status, whatever is accepted, and none of the words of the parser that
 * did not like it. An error with a code of its own is about something else.
 */
const asBadRequest = (error: GraphQLError): GraphQLError => {
  const { originalError: _words, code = BAD_REQUEST, http, ...extensions } = error.extensions
  if (code !== BAD_REQUEST) return error
  return new GraphQLError(error.message, {
    extensions: { code, ...extensions, http: { status: 400, ...(http as object), spec: false } },
  })
}

const BAD_REQUEST = 'BAD_REQUEST'

const begin = ({
  contextValue,
  document,
  operationName,
}: Pick<ExecutionArgs, 'contextValue' | 'document' | 'operationName'>): void =>
  (contextValue as Told).operation.begin(document, operationName)

/** Makes the results of one request fit to be shown. */
export const reporter = (options: ReportOptions, operation: Operation) => {
  const { requestId } = operation
  const report = (result: Result): Result => {
    const { errors, incremental } = result
    if (errors === undefined && incremental === undefined) return result
    const hasData = result.data !== null && result.data !== undefined
    return {
      ...result,
      ...(errors && { errors: errors.map(error => shown(options, error, requestId, hasData)) }),
      ...(incremental && { incremental: incremental.map(report) }),
    }
  }
  return (result: Result): Result => {
    const reported = report(result)
    operation.answer(reported)
    return reported
  }
}

const shown = (
  { log, suggestions }: ReportOptions,
  error: GraphQLError,
  requestId: string,
  hasData: boolean,
): GraphQLError => {
  const publicError = toGraphQLError(error)
  record(log, requestId, publicError)
  return identified(publicError, suggestions ? publicError.message : unguessed(publicError.message), requestId, hasData)
}

/** Without the names of the schema that are like one which it does not have. */
const unguessed = (message: string): string => message.replace(/ Did you mean .*\?$/s, '')

/** Tells the log of an error: the operator's trouble louder than a client's. */
export const record = (log: Logger, requestId: string, error: GraphQLError): void => {
  const code = error.extensions.code
  const details = { requestId, code, path: error.path?.join('.'), cause: error.originalError?.cause }
  if (code === 'INTERNAL_SERVER_ERROR') log.error({ ...details, err: error.originalError ?? error }, 'unexpected error')
  else if (String(code).startsWith('UPSTREAM_')) log.warn(details, error.message)
  else log.debug(details, error.message)
}

const identified = (error: GraphQLError, message: string, requestId: string, hasData: boolean): GraphQLError => {
  const { nodes = null, source = null, positions = null, path = null, originalError = null } = error
  const http = hasData ? error.extensions.http : httpOf(error)
  // What GraphQL itself finds wrong with a request, such as its variables, has no code.
  const extensions = { code: 'BAD_USER_INPUT', ...error.extensions, requestId, ...(http !== undefined && { http }) }
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions })
}

/**
 * Where a response has nothing but errors, the first of them is its HTTP status as well, for clients that accept
 * `application/graphql-response+json`. Those that accept `application/json` only get a 200, as they expect, unless the
 * request failed before any field did, and not by its own mistake.
 */
const httpOf = (error: GraphQLError): object | undefined => {
  const given = error.extensions.http as object | undefined
  const status = statusOf(error)
  if (error.path !== undefined) return { status, spec: true, ...given }
  return status < 500 ? given : { status, ...given }
}
