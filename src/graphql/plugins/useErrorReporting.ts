import { setImmediate } from 'node:timers/promises'
import { context } from '@opentelemetry/api'
import type { ExecutionArgs, GraphQLError } from 'graphql'
import { isAsyncIterable, isPromise, mapAsyncIterator, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import { type ClientErrorOptions, httpStatusOf, toClientError } from '../../errorMapping.ts'
import { clientFields } from '../../observability/clientFields.ts'
import type { OperationRecorder, Result } from '../../observability/operationRecorder.ts'
import type { RepeatedEvents } from '../../observability/repeatedEvents.ts'
import { DecodingError, RestcommError } from '../../restcomm/errors.ts'
import { userInputError } from '../../userInputError.ts'
import type { ServerContext } from '../requestContext.ts'
import { isSmallResult, serializeInSlices } from '../serializeResult.ts'

export interface ErrorReportingOptions extends Pick<ClientErrorOptions, 'suggestions'> {
  readonly log: Logger
  readonly events: RepeatedEvents
  readonly maxResponseBytes: number
}

/** A result that was serialized in slices, because it is large. */
export interface SerializedResult extends Pick<Result, 'errors' | 'hasNext'> {
  /** At most one error, with the HTTP headers of the response. */
  readonly errors?: readonly GraphQLError[]
  readonly slices: readonly Buffer[]
  /** Yoga calls this method instead of `JSON.stringify`. */
  stringify(): string
}

/**
 * Converts and logs errors, limits the size of results, and passes results to the `OperationRecorder` for logs, metrics
 * and traces. Includes subscription events and deferred parts.
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
        const endResults = () => (result as Partial<AsyncIterator<unknown>>).return?.()
        const report = (single: Result) => limitResult(options, operation, single, endResults)
        setResult(mapAsyncIterator(result, report, undefined, () => operation.close()))
      } else if (result && !Array.isArray(result)) {
        const limited = limitResult(options, operation, result as Result)
        if (isPromise(limited)) return limited.then(setResult)
        setResult(limited)
      }
      return undefined
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
  const converted = convertErrors(options, operation, result, defaultCode)
  operation.recordResult(converted)
  return converted
}

/**
 * Reports a result of the executor. A large result is serialized in slices, or replaced by an error if larger than the
 * maximum. `endResults` is called if the first part of a query is too large, because further parts refer to the first.
 */
export function limitResult(
  options: ErrorReportingOptions,
  operation: OperationRecorder,
  result: Result,
  endResults?: () => unknown,
): Result | SerializedResult | Promise<Result | SerializedResult> {
  const tooManyFields = findTooManyFields(result)
  if (tooManyFields !== undefined) return replaceResult(options, operation, result, tooManyFields, endResults)
  if ((result.errors?.length ?? 0) > ERRORS_PER_SLICE) return limitErrors(options, operation, result, endResults)
  const converted = convertErrors(options, operation, result, 'BAD_USER_INPUT')
  if (!isSmallResult(converted, options.maxResponseBytes)) return serialize(options, operation, converted, endResults)
  operation.recordResult(converted)
  return converted
}

/** The conversion takes a few milliseconds. Other work of the event loop runs before the next errors. */
const ERRORS_PER_SLICE = 500

/** Converts the errors in slices. */
async function limitErrors(
  options: ErrorReportingOptions,
  operation: OperationRecorder,
  { errors = [], ...rest }: Result,
  endResults?: () => unknown,
): Promise<Result | SerializedResult> {
  const converted: GraphQLError[] = []
  let { extensions } = rest
  for (let start = 0; start < errors.length; start += ERRORS_PER_SLICE) {
    const slice: Result = {
      ...(extensions && { extensions }),
      ...('data' in rest && { data: rest.data }),
      errors: errors.slice(start, start + ERRORS_PER_SLICE),
      hasNext: true,
    }
    const part = convertErrors(options, operation, slice, 'BAD_USER_INPUT')
    converted.push(...(part.errors ?? []))
    extensions = part.extensions
    await setImmediate()
  }
  const result = convertErrors(options, operation, rest, 'BAD_USER_INPUT')
  return serialize(options, operation, { errors: converted, ...result, ...(extensions && { extensions }) }, endResults)
}

async function serialize(
  options: ErrorReportingOptions,
  operation: OperationRecorder,
  result: Result,
  endResults?: () => unknown,
): Promise<Result | SerializedResult> {
  const { maxResponseBytes } = options
  const slices = await serializeInSlices(result, maxResponseBytes)
  if (slices === null) return replaceResult(options, operation, result, tooLarge(maxResponseBytes), endResults)
  operation.recordResult(result)
  const { errors, hasNext } = result
  // Yoga copies the errors, and needs only the header `Retry-After`.
  const retryable = errors?.find(({ extensions }) => extensions.retryAfter !== undefined)
  return {
    ...(retryable && { errors: [retryable] }),
    ...(hasNext !== undefined && { hasNext }),
    slices,
    stringify: () => Buffer.concat(slices).toString(),
  }
}

/** The executor adds an error with an empty path if the lists are too long. */
function findTooManyFields({ errors = [], incremental = [] }: Result): GraphQLError | undefined {
  const found = errors.find(({ path, extensions }) => path?.length === 0 && extensions.code === TOO_LARGE)
  return found
    ? userInputError(TOO_LARGE, found.message)
    : incremental.map(findTooManyFields).find(error => error !== undefined)
}

function replaceResult(
  options: ErrorReportingOptions,
  operation: OperationRecorder,
  result: Result,
  error: GraphQLError,
  endResults?: () => unknown,
): Result {
  if (result.hasNext === true && result.incremental === undefined) endResults?.()
  return reportResult(options, operation, withoutData(result, error))
}

const TOO_LARGE = 'RESPONSE_TOO_LARGE'

function tooLarge(maxBytes: number): GraphQLError {
  const message =
    `The response is larger than the maximum of ${maxBytes} bytes (MAX_RESPONSE_BYTES): request smaller pages or ` +
    'fewer fields.'
  return userInputError(TOO_LARGE, message)
}

/** Replaces the data and the errors of a result, or of each part of a payload. */
function withoutData({ incremental, extensions, hasNext, ...result }: Result, error: GraphQLError): Result {
  if (incremental === undefined) {
    return { data: null, errors: [error], ...(extensions && { extensions }), ...(hasNext && { hasNext: false }) }
  }
  const parts = incremental.map(({ data: _data, errors: _errors, extensions: _extensions, ...part }) => ({
    ...part,
    ...('items' in part ? { items: null } : { data: null }),
    errors: [error],
  }))
  return { ...result, incremental: parts, ...(hasNext !== undefined && { hasNext }) }
}

function convertErrors(
  options: ErrorReportingOptions,
  operation: OperationRecorder,
  result: Result,
  defaultCode: ClientErrorOptions['defaultCode'],
): Result {
  const { requestId } = operation
  const convert = (unlimited: Result): Result => {
    const part = limitDecodingErrors(unlimited, operation)
    const { errors, incremental } = part
    const hasData = part.data !== undefined
    const clientErrors = errors?.map(error => toClientError(error, { ...options, requestId, hasData, defaultCode }))
    for (const error of clientErrors ?? []) logError(options, requestId, operation.client, error)
    return {
      ...part,
      ...(clientErrors && { errors: clientErrors }),
      ...(incremental && { incremental: incremental.map(convert) }),
    }
  }
  const hasNoErrors = result.errors === undefined && result.incremental === undefined
  const converted = hasNoErrors ? result : convert(result)
  if (result.hasNext !== true) operation.decodingErrors = 0
  return converted
}

/** Without a limit, a page of odd rows would have an error for each selected field of each row. */
export const DECODING_ERROR_LIMIT = { max: 20, appliesTo: (error: unknown) => error instanceof DecodingError }

/**
 * Lists the first decoding errors of an operation or event. A payload without some of its errors contains the number of
 * errors so far, because the total is unknown before the last payload.
 */
function limitDecodingErrors(part: Result, operation: OperationRecorder): Result {
  const { errors = [], ...rest } = part
  const listed = errors.filter(({ originalError, path }) => {
    if (!DECODING_ERROR_LIMIT.appliesTo(originalError)) return true
    // The executor omits the path of further errors.
    return ++operation.decodingErrors <= DECODING_ERROR_LIMIT.max && path?.length !== 0
  })
  if (listed.length === errors.length) return part
  const extensions = { ...part.extensions, decodingErrors: operation.decodingErrors }
  return { ...rest, ...(listed.length > 0 && { errors: listed }), extensions }
}

/**
 * Logs bugs of the gateway as `error`, failures of Restcomm as `warn`, and refusals because of a limit as `warn` or `info`.
 * Logs equal failures and refusals of a client once, with a count afterwards. Logs all remaining errors as `debug`, without
 * the message, because the message of a user input error can quote the query.
 */
export function logError(
  { log, events }: Pick<ErrorReportingOptions, 'log' | 'events'>,
  requestId: string,
  client: OperationRecorder['client'],
  error: GraphQLError,
): void {
  const { message, originalError, path } = error
  const { code } = error.extensions
  const status = httpStatusOf(error)
  const details = { requestId, code, path: path?.join('.'), cause: originalError?.cause }
  const key = `${code} ${client?.clientId}`
  if (code === 'INTERNAL_SERVER_ERROR') {
    log.error({ ...details, ...clientFields(client), err: originalError ?? error }, 'unexpected error')
  } else if (String(code).startsWith('UPSTREAM_')) {
    events.write('warn', key, { ...details, ...clientFields(client), message }, 'upstream error')
    // A shutdown has log lines of its own.
  } else if ((status === 503 || status === 429) && code !== 'UNAVAILABLE') {
    const level = status === 503 ? 'warn' : 'info'
    events.write(level, key, { ...details, ...clientFields(client), message }, 'request refused')
  } else if (log.isLevelEnabled('debug')) {
    const isQuotable = originalError instanceof RestcommError || status >= 500
    log.debug(isQuotable ? { ...details, message } : details, 'request error')
  }
}
