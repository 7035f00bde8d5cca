import { type ExecutionArgs, type GraphQLError, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { userInputError } from '../../userInputError.ts'
import type { AnalyzeDocument } from '../analyzeDocument.ts'
import { RawVariables } from '../rawVariables.ts'
import type { ServerContext } from '../requestContext.ts'
import { INCREMENTAL_RULES, invalidInitialCountMessage, isInvalidInitialCount } from '../validation/incrementalRules.ts'

/**
 * Validates `@defer` and `@stream`. Yoga checks the `Accept` header only after execution. Therefore both directives are
 * removed before execution if the client accepts no incremental media type, and a subscription is rejected with status
 * 406 unless the client accepts an event stream.
 */
export function useIncrementalDelivery(analyzeDocument: AnalyzeDocument): Plugin<ServerContext> {
  const rejectInvalidCount =
    <Result>(execute: (args: ExecutionArgs) => Result) =>
    (args: ExecutionArgs) => {
      const error = initialCountError(args, analyzeDocument)
      return error === null ? execute(args) : { errors: [error] }
    }
  return {
    onValidate: ({ addValidationRule }) => {
      for (const rule of INCREMENTAL_RULES) addValidationRule(rule)
    },
    onExecute: ({ args, context, executeFn, setExecuteFn }) => {
      if (context.acceptedTypes?.incremental !== null) return setExecuteFn(rejectInvalidCount(executeFn))
      const document = analyzeDocument(args.document).singleResultDocument
      setExecuteFn(executionArgs => executeFn({ ...executionArgs, document }))
    },
    onSubscribe: ({ context, subscribeFn, setSubscribeFn, setResultAndStopExecution }) => {
      if (context.acceptedTypes?.subscription !== null) return setSubscribeFn(rejectInvalidCount(subscribeFn))
      const message =
        'The `Accept` header excludes `text/event-stream`: subscriptions require this media type, or a WebSocket.'
      setResultAndStopExecution({ errors: [userInputError('NOT_ACCEPTABLE', message)] })
    },
  }
}

/** Checks counts given as variables. Returns null if all counts are valid. */
function initialCountError(args: ExecutionArgs, analyzeDocument: AnalyzeDocument): GraphQLError | null {
  const { document, operationName, variableValues } = args
  const { streamDirectives } = analyzeDocument(document)
  const operation = streamDirectives.length === 0 ? null : getOperationAST(document, operationName)
  if (!operation) return null
  const variables = new RawVariables(operation, variableValues)
  for (const directive of streamDirectives) {
    const count = variables.argumentValue(directive, 'initialCount')
    if (isInvalidInitialCount(count) && variables.argumentValue(directive, 'if') !== false) {
      return userInputError('BAD_USER_INPUT', invalidInitialCountMessage(count))
    }
  }
  return null
}
