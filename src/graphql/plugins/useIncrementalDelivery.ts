import { type DocumentNode, visit } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { ServerContext } from '../requestContext.ts'
import { requestError } from '../requestError.ts'

/**
 * Yoga checks the `Accept` header only after execution. Therefore `@defer` and `@stream` are removed before execution
 * if the client accepts no incremental media type, and a subscription is rejected with status 406 unless the client
 * accepts an event stream.
 */
export function useIncrementalFallback(): Plugin<ServerContext> {
  return {
    onExecute: ({ args, context, executeFn, setExecuteFn }) => {
      if (context.acceptedTypes?.incremental !== null) return
      const document = withoutIncrementalDirectives(args.document)
      setExecuteFn(executionArgs => executeFn({ ...executionArgs, document }))
    },
    onSubscribe: ({ context, setResultAndStopExecution }) => {
      if (context.acceptedTypes?.subscription !== null) return
      const message =
        'The `Accept` header excludes `text/event-stream`: subscriptions require this media type, or a WebSocket.'
      setResultAndStopExecution({ errors: [requestError('NOT_ACCEPTABLE', message)] })
    },
  }
}

const strippedDocuments = new WeakMap<DocumentNode, DocumentNode>()

function withoutIncrementalDirectives(document: DocumentNode): DocumentNode {
  const cached = strippedDocuments.get(document)
  if (cached !== undefined) return cached
  const stripped = visit(document, {
    Directive: ({ name: { value } }) => (value === 'defer' || value === 'stream' ? null : undefined),
  })
  strippedDocuments.set(document, stripped)
  return stripped
}
