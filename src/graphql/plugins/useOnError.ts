import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { measureQuery } from '../limits/measureQuery.ts'

/** The parameter of a request that says what becomes of a field that fails, as the draft of GraphQL has it. */
export const ON_ERROR_PARAM = 'onError'

const BEHAVIORS: ReadonlySet<unknown> = new Set([undefined, null, 'PROPAGATE', 'NULL'])

/**
 * With `"onError": "NULL"` in its body, a request gets `null` for just that which failed, also where the schema says that
 * it cannot be null, and everything else as it arrived. Without, an error takes away what is around it, up to the next
 * place that may be null. `nullable` is the schema without its promises that anything is there.
 */
export const useOnError = (nullable: GraphQLSchema): Plugin => ({
  onExecute: ({ args, context, executeFn, setExecuteFn, setResultAndStopExecution }) => {
    const behavior = behaviorOf(context)
    if (!BEHAVIORS.has(behavior)) setResultAndStopExecution({ errors: [refusal()] })
    else if (behavior === 'NULL' && !asksForTheSchema(args.document)) {
      setExecuteFn(given => executeFn({ ...given, schema: nullable }))
    }
  },
  onSubscribe: ({ context, subscribeFn, setSubscribeFn, setResultAndStopExecution }) => {
    const behavior = behaviorOf(context)
    if (!BEHAVIORS.has(behavior)) setResultAndStopExecution({ errors: [refusal()] })
    else if (behavior === 'NULL') setSubscribeFn(given => subscribeFn({ ...given, schema: nullable }))
  },
})

const refusal = () =>
  new GraphQLError(`\`${ON_ERROR_PARAM}\` must be "PROPAGATE" or "NULL".`, {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  })

const behaviorOf = (context: unknown): unknown => {
  const { params } = context as { readonly params?: Readonly<Record<string, unknown>> }
  return params?.[ON_ERROR_PARAM]
}

/** Documents come again and again, and are parsed once. */
const known = new WeakMap<DocumentNode, boolean>()

/** Whoever asks for the schema is to see it as it is promised. */
const asksForTheSchema = (document: DocumentNode): boolean => {
  let asks = known.get(document)
  if (asks === undefined) {
    asks = measureQuery(document).introspects
    known.set(document, asks)
  }
  return asks
}
