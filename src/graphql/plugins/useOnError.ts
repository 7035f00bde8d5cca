import type { GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { userInputError } from '../../userInputError.ts'
import type { AnalyzeDocument } from '../analyzeDocument.ts'

/** Request parameter for the error behavior, as in the draft of the GraphQL specification. */
export const ON_ERROR_PARAM = 'onError'

const ERROR_BEHAVIORS: ReadonlySet<unknown> = new Set([undefined, null, 'PROPAGATE', 'NULL'])

interface WithParams {
  readonly params?: { readonly [ON_ERROR_PARAM]?: unknown }
}

/**
 * With `PROPAGATE`, the default, the null of a failed non-null field removes the parent objects up to the nearest
 * nullable field. With `NULL`, only the failed field becomes null, because the operation runs on `nullableSchema`, in
 * which every field is nullable.
 */
export function useOnError(nullableSchema: GraphQLSchema, analyzeDocument: AnalyzeDocument): Plugin<WithParams> {
  return {
    onExecute: ({ args, context, executeFn, setExecuteFn, setResultAndStopExecution }) => {
      const behavior = context.params?.[ON_ERROR_PARAM]
      if (!ERROR_BEHAVIORS.has(behavior)) return setResultAndStopExecution({ errors: [invalidBehaviorError()] })
      // Introspection must show the non-null types of the real schema.
      if (behavior !== 'NULL' || analyzeDocument(args.document).introspects) return
      setExecuteFn(executionArgs => executeFn({ ...executionArgs, schema: nullableSchema }))
    },
    onSubscribe: ({ context, subscribeFn, setSubscribeFn, setResultAndStopExecution }) => {
      const behavior = context.params?.[ON_ERROR_PARAM]
      if (!ERROR_BEHAVIORS.has(behavior)) return setResultAndStopExecution({ errors: [invalidBehaviorError()] })
      if (behavior === 'NULL') setSubscribeFn(args => subscribeFn({ ...args, schema: nullableSchema }))
    },
  }
}

function invalidBehaviorError() {
  return userInputError('BAD_REQUEST', `\`${ON_ERROR_PARAM}\` must be "PROPAGATE" or "NULL".`)
}
