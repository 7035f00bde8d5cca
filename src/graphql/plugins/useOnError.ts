import type { GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { userInputError } from '../../userInputError.ts'
import type { AnalyzeDocument } from '../analyzeDocument.ts'
import type { ServerContext } from '../requestContext.ts'

const ERROR_BEHAVIORS: ReadonlySet<unknown> = new Set([undefined, null, 'PROPAGATE', 'NULL'])

/**
 * With `PROPAGATE`, the default, the null of a failed non-null field removes the parent objects up to the nearest
 * nullable field. With `NULL`, only the failed field becomes null, because the operation runs on `nullableSchema`, in
 * which every field is nullable.
 */
export function useOnError(nullableSchema: GraphQLSchema, analyzeDocument: AnalyzeDocument): Plugin<ServerContext> {
  return {
    onExecute: ({ args, context, executeFn, setExecuteFn, setResultAndStopExecution }) => {
      const behavior = context.params?.onError
      if (!ERROR_BEHAVIORS.has(behavior)) return setResultAndStopExecution({ errors: [invalidBehaviorError()] })
      // Introspection must show the non-null types of the real schema.
      if (behavior !== 'NULL' || analyzeDocument(args.document).introspects) return
      setExecuteFn(executionArgs => executeFn({ ...executionArgs, schema: nullableSchema }))
    },
    onSubscribe: ({ context, subscribeFn, setSubscribeFn, setResultAndStopExecution }) => {
      const behavior = context.params?.onError
      if (!ERROR_BEHAVIORS.has(behavior)) return setResultAndStopExecution({ errors: [invalidBehaviorError()] })
      if (behavior === 'NULL') setSubscribeFn(args => subscribeFn({ ...args, schema: nullableSchema }))
    },
  }
}

function invalidBehaviorError() {
  return userInputError('BAD_REQUEST', '`onError` must be "PROPAGATE" or "NULL".')
}
