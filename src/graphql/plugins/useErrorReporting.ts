import { context } from '@opentelemetry/api'
import { type ExecutionArgs, GraphQLError } from 'graphql'
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import { httpStatusOf, toGraphQLError } from '../../errorMapping.ts'
import type { OperationRecorder, Result } from '../../observability/operationRecorder.ts'

interface HasOperation {
  readonly operation: OperationRecorder
}

export interface ErrorReportingOptions {
  readonly log: Logger
  /** Whether error messages may suggest similar names of the schema ("Did you mean …?"). */
  readonly suggestions: boolean
}

const BAD_REQUEST = 'BAD_REQUEST'

/**
 * Masks and logs errors, adds the request id to each error, so that support can find the log entry, and passes results
 * to the `OperationRecorder` for logs, metrics and traces. Also handles subscription events and deferred parts; Yoga
 * does not mask the errors in deferred parts.
 */
export function useErrorReporting(options: ErrorReportingOptions): Plugin<HasOperation> {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => startOperation(args, executeFn, setExecuteFn),
    onSubscribe: ({ args, subscribeFn, setSubscribeFn }) => startOperation(args, subscribeFn, setSubscribeFn),
    onExecutionResult: ({ result, setResult, context: contextValue }) => {
      const { operation } = contextValue as HasOperation & typeof contextValue
      const format = createResultFormatter(options, operation)
      if (isAsyncIterable<Result>(result)) {
        operation.startStreaming()
        const iterator = result[Symbol.asyncIterator]()
        // Reading the next result of a subscription executes the next event.
        if (operation.spans !== null) iterator.next = context.bind(operation.spans, iterator.next)
        setResult(mapAsyncIterator(iterator, format, undefined, () => operation.close()))
      } else if (result && !Array.isArray(result)) {
        setResult(format(result as Result))
      }
    },
    // Errors before parsing, such as invalid JSON, never reach `onExecutionResult`.
    onResultProcess: ({ result, setResult, serverContext }) => {
      if (isAsyncIterable(result)) return
      const { operation } = serverContext as unknown as HasOperation
      const report = (single: unknown) => reportRequestErrors(options, operation, single as Result)
      setResult(Array.isArray(result) ? result.map(report) : report(result))
    },
  }
}

/** Formats errors that occurred before parsing. If the result is already formatted, returns the result unchanged. */
export function reportRequestErrors(
  options: ErrorReportingOptions,
  operation: OperationRecorder,
  result: Result,
): Result {
  return result.errors?.some(isUnreported)
    ? createResultFormatter(options, operation)({ ...result, errors: result.errors.map(toBadRequest) })
    : result
}

function isUnreported({ extensions }: GraphQLError): boolean {
  return extensions.requestId === undefined
}

/**
 * Sets the HTTP status of a malformed request, by default 400. If the code of the error is not `BAD_REQUEST`, returns
 * the error unchanged. Errors without a code count as `BAD_REQUEST`.
 */
function toBadRequest(error: GraphQLError): GraphQLError {
  const { originalError: _parserError, code = BAD_REQUEST, http, ...extensions } = error.extensions
  if (code !== BAD_REQUEST) return error
  return new GraphQLError(error.message, {
    extensions: { code, ...extensions, http: { status: 400, ...(http as object), spec: false } },
  })
}

function startOperation<T extends (...args: never[]) => unknown>(
  { contextValue, document, operationName }: Pick<ExecutionArgs, 'contextValue' | 'document' | 'operationName'>,
  run: T,
  setRun: (run: T) => void,
): void {
  const { operation } = contextValue as HasOperation
  operation.start(document, operationName)
  if (operation.spans !== null) setRun(context.bind(operation.spans, run))
}

export function createResultFormatter(options: ErrorReportingOptions, operation: OperationRecorder) {
  const { requestId } = operation
  const format = (result: Result): Result => {
    const { errors, incremental } = result
    if (errors === undefined && incremental === undefined) return result
    const hasData = result.data !== null && result.data !== undefined
    return {
      ...result,
      ...(errors && { errors: errors.map(error => toClientError(options, error, requestId, hasData)) }),
      ...(incremental && { incremental: incremental.map(format) }),
    }
  }
  return (result: Result): Result => {
    const formatted = format(result)
    operation.recordResult(formatted)
    return formatted
  }
}

function toClientError(
  { log, suggestions }: ErrorReportingOptions,
  error: GraphQLError,
  requestId: string,
  hasData: boolean,
): GraphQLError {
  const publicError = toGraphQLError(error)
  logError(log, requestId, publicError)
  const message = suggestions ? publicError.message : stripSuggestions(publicError.message)
  return withRequestId(publicError, message, requestId, hasData)
}

function stripSuggestions(message: string): string {
  return message.replace(/ Did you mean .*\?$/s, '')
}

/**
 * Logs bugs of the gateway as `error`, upstream errors as `warn`, and all remaining errors as `debug`. The message of a
 * client error can quote the query, so the message is not logged.
 */
export function logError(log: Logger, requestId: string, error: GraphQLError): void {
  const { code } = error.extensions
  const details = { requestId, code, path: error.path?.join('.'), cause: error.originalError?.cause }
  if (code === 'INTERNAL_SERVER_ERROR') log.error({ ...details, err: error.originalError ?? error }, 'unexpected error')
  else if (String(code).startsWith('UPSTREAM_')) log.warn({ ...details, message: error.message }, 'upstream error')
  else log.debug({ ...details, message: httpStatusOf(error) < 500 ? undefined : error.message }, 'request error')
}

function withRequestId(error: GraphQLError, message: string, requestId: string, hasData: boolean): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null, originalError = null } = error
  const http = hasData ? error.extensions.http : httpExtension(error)
  // Errors of GraphQL.js, such as invalid variables, have no code and get `BAD_USER_INPUT`.
  const extensions = { code: 'BAD_USER_INPUT', ...error.extensions, requestId, ...(http !== undefined && { http }) }
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions })
}

/**
 * Sets the HTTP status of a response without data. If a field failed, the error has a `path`. Then only clients of
 * `application/graphql-response+json` receive the status.
 */
function httpExtension(error: GraphQLError): object | undefined {
  const http = error.extensions.http as object | undefined
  const status = httpStatusOf(error)
  if (error.path !== undefined) return { status, spec: true, ...http }
  return status < 500 ? http : { status, ...http }
}
