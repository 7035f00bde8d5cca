import { type DocumentNode, visit } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { requestError } from '../requestError.ts'

const SINGLE_RESULT_TYPES = ['application/graphql-response+json', 'application/json']
const EVENT_STREAM_TYPES = ['text/event-stream']
const INCREMENTAL_TYPES = [...EVENT_STREAM_TYPES, 'multipart/mixed']

export function acceptsAnyResponseType(accept: string | undefined): boolean {
  return acceptsAny(accept, [...SINGLE_RESULT_TYPES, ...INCREMENTAL_TYPES])
}

/**
 * Yoga checks the `Accept` header only after execution. Therefore `@defer` and `@stream` are removed before execution
 * if the client accepts no incremental media type, and a subscription is rejected with status 406 unless the client
 * accepts an event stream.
 */
export function useIncrementalFallback(): Plugin {
  return {
    onExecute: ({ args, context, executeFn, setExecuteFn }) => {
      if (acceptsAny(acceptHeaderOf(context), INCREMENTAL_TYPES)) return
      const document = withoutIncrementalDirectives(args.document)
      setExecuteFn(executionArgs => executeFn({ ...executionArgs, document }))
    },
    onSubscribe: ({ context, setResultAndStopExecution }) => {
      if (acceptsAny(acceptHeaderOf(context), EVENT_STREAM_TYPES)) return
      const message =
        'The `Accept` header excludes `text/event-stream`: subscriptions require this media type, or a WebSocket.'
      setResultAndStopExecution({ errors: [requestError('NOT_ACCEPTABLE', message)] })
    },
  }
}

/** For a WebSocket request, returns undefined, because a WebSocket client accepts every kind of result. */
function acceptHeaderOf(context: unknown): string | undefined {
  return (context as { readonly request?: Request }).request?.headers.get('accept') ?? undefined
}

/** Parses the `Accept` header like Yoga, which accepts only UTF-8. The HTTP handler has removed quality values. */
function acceptsAny(accept: string | undefined, types: readonly string[]): boolean {
  if (!accept || accept === '*/*') return true
  const ranges = accept.replace(/\s/g, '').toLowerCase().split(',')
  return ranges.some(range => {
    const [mediaRange = '', ...parameters] = range.split(';')
    const charset = parameters.find(parameter => parameter.includes('charset=')) ?? 'charset=utf-8'
    return charset === 'charset=utf-8' && types.some(type => matches(mediaRange, type))
  })
}

function matches(range: string, mediaType: string): boolean {
  const [rangeType, rangeSubtype] = range.split('/')
  const [type, subtype] = mediaType.split('/')
  return (rangeType === '*' || rangeType === type) && (rangeSubtype === '*' || rangeSubtype === subtype)
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
