import { context } from '@opentelemetry/api'
import type { ExecutionArgs, GraphQLError } from 'graphql'
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import { type ClientErrorOptions, httpStatusOf, toClientError } from '../../errorMapping.ts'
import type { OperationRecorder, Result } from '../../observability/operationRecorder.ts'
import { DecodingError, RestcommError } from '../../restcomm/errors.ts'
import type { ServerContext } from '../requestContext.ts'

export interface ErrorReportingOptions extends Pick<ClientErrorOptions, 'suggestions'> {
  readonly log: Logger
}

/**
 * Converts and logs errors, and passes results to the `OperationRecorder` for logs, metrics and traces. Includes
 * subscription events and deferred parts.
 */
export function useErrorReporting(options: ErrorReportingOptions): Plugin<ServerContext> {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => startOperation(args, executeFn, setExecuteFn),
    onSubscribe: ({ args, subscribeFn, setSubscribeFn }) => {
      startOperation(args, subscribeFn, setSubscribeFn)
      const { spans } = (args.contextValue as ServerContext).operation
      if (spans === null) return undefined
      return {
        // Reading the next result executes the next event.
        onSubscribeResult: ({ result }) => {
          if ('next' in result) result.next = context.bind(spans, result.next)
        },
      }
    },
    onExecutionResult: ({ result, setResult, context: contextValue }) => {
      const { operation } = contextValue as ServerContext & typeof contextValue
      if (isAsyncIterable<Result>(result)) {
        operation.startStreaming()
        const report = (single: Result) => reportResult(options, operation, single)
        setResult(mapAsyncIterator(result, report, undefined, () => operation.close()))
      } else if (result && !Array.isArray(result)) {
        setResult(reportResult(options, operation, result as Result))
      }
    },
    // Errors before parsing, such as invalid JSON, never reach `onExecutionResult`.
    onResultProcess: ({ result, setResult, serverContext }) => {
      if (isAsyncIterable(result)) return
      const { operation } = serverContext as unknown as ServerContext
      const report = (single: unknown) => reportRequestErrors(options, operation, single as Result)
      setResult(Array.isArray(result) ? result.map(report) : report(result))
    },
  }
}

function startOperation<T extends (...args: never[]) => unknown>(
  { contextValue, document, operationName }: Pick<ExecutionArgs, 'contextValue' | 'document' | 'operationName'>,
  run: T,
  setRun: (run: T) => void,
): void {
  const { operation } = contextValue as ServerContext
  operation.start(document, operationName)
  if (operation.spans !== null) setRun(context.bind(operation.spans, run))
}

/** Reports a result with errors that occurred before parsing. If already reported, returns the result unchanged. */
export function reportRequestErrors(options: ErrorReportingOptions, operation: OperationRecorder, result: Result) {
  const isUnreported = result.errors?.some(({ extensions }) => extensions.requestId === undefined)
  return isUnreported ? reportResult(options, operation, result, 'BAD_REQUEST') : result
}

export function reportResult(
  options: ErrorReportingOptions,
  operation: OperationRecorder,
  result: Result,
  defaultCode: ClientErrorOptions['defaultCode'] = 'BAD_USER_INPUT',
): Result {
  const { requestId } = operation
  const convert = (unlimited: Result): Result => {
    const part = limitDecodingErrors(unlimited, operation)
    const { errors, incremental } = part
    const hasData = part.data !== undefined
    const clientErrors = errors?.map(error => toClientError(error, { ...options, requestId, hasData, defaultCode }))
    for (const error of clientErrors ?? []) logError(options.log, requestId, error)
    return {
      ...part,
      ...(clientErrors && { errors: clientErrors }),
      ...(incremental && { incremental: incremental.map(convert) }),
    }
  }
  const hasNoErrors = result.errors === undefined && result.incremental === undefined
  const converted = hasNoErrors ? result : convert(result)
  if (result.hasNext !== true) operation.decodingErrors = 0
  operation.recordResult(converted)
  return converted
}

/** Without a limit, a page of odd rows would have an error for each selected field of each row. */
const MAX_DECODING_ERRORS = 20

/**
 * Lists the first decoding errors of an operation or event. A payload without some of its errors contains the number of
 * errors so far, because the total is unknown before the last payload.
 */
function limitDecodingErrors(part: Result, operation: OperationRecorder): Result {
  const { errors = [], ...rest } = part
  const listed = errors.filter(
    ({ originalError }) =>
      !(originalError instanceof DecodingError) || ++operation.decodingErrors <= MAX_DECODING_ERRORS,
  )
  if (listed.length === errors.length) return part
  const extensions = { ...part.extensions, decodingErrors: operation.decodingErrors }
  return { ...rest, ...(listed.length > 0 && { errors: listed }), extensions }
}

/**
 * Logs bugs of the gateway as `error`, upstream errors as `warn`, and all remaining errors as `debug`. The message of a
 * user input error can quote the query, so the message is not logged.
 */
export function logError(log: Logger, requestId: string, error: GraphQLError): void {
  const { message, originalError, path } = error
  const { code } = error.extensions
  const details = { requestId, code, path: path?.join('.'), cause: originalError?.cause }
  if (code === 'INTERNAL_SERVER_ERROR') log.error({ ...details, err: originalError ?? error }, 'unexpected error')
  else if (String(code).startsWith('UPSTREAM_')) log.warn({ ...details, message }, 'upstream error')
  else if (originalError instanceof RestcommError || httpStatusOf(error) >= 500)
    log.debug({ ...details, message }, 'request error')
  else log.debug(details, 'request error')
}
