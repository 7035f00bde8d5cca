import { type DocumentNode, visit } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { refusal } from '../requestError.ts'

const AT_ONCE = ['application/graphql-response+json', 'application/json']
const EVENTS = ['text/event-stream']
const IN_PARTS = [...EVENTS, 'multipart/mixed']

/** Whether there is any way to answer who accepts this. To be asked before anything is run. */
export const isAnswerable = (accept: string | undefined): boolean => accepts(accept, [...AT_ONCE, ...IN_PARTS])

/**
 * Sees to it that Yoga, which runs an operation before it looks how its answer may be written, can always write it. Who
 * accepts no parts is answered at once, as if nothing were deferred; a subscription is not begun that nobody would read.
 */
export const acceptance = (): Plugin => ({
  onExecute: ({ args, context, executeFn, setExecuteFn }) => {
    if (accepts(acceptOf(context), IN_PARTS)) return
    const document = whole(args.document)
    setExecuteFn(given => executeFn({ ...given, document }))
  },
  onSubscribe: ({ context, setResultAndStopExecution }) => {
    if (accepts(acceptOf(context), EVENTS)) return
    const message =
      'A subscription is answered as `text/event-stream`, which the request does not accept, or by WebSocket.'
    setResultAndStopExecution({ errors: [refusal('NOT_ACCEPTABLE', message)] })
  },
})

/** By WebSocket there is none, and everything is accepted. */
const acceptOf = (context: unknown): string | undefined =>
  (context as { readonly request?: Request }).request?.headers.get('accept') ?? undefined

/** Reads the header as Yoga does. It has no weights any more. */
const accepts = (accept: string | undefined, types: readonly string[]): boolean =>
  // What most say, and who says nothing.
  !accept ||
  accept === '*/*' ||
  accept
    .replace(/\s/g, '')
    .toLowerCase()
    .split(',')
    .some(range => {
      const [asked = '', ...parameters] = range.split(';')
      const charset = parameters.find(parameter => parameter.includes('charset=')) ?? 'charset=utf-8'
      return charset === 'charset=utf-8' && types.some(type => matches(asked, type))
    })

const matches = (range: string, type: string): boolean => {
  const [main, sub] = range.split('/')
  const [ownMain, ownSub] = type.split('/')
  return (main === '*' || main === ownMain) && (sub === '*' || sub === ownSub)
}

/** Documents come again and again, and are parsed once. */
const known = new WeakMap<DocumentNode, DocumentNode>()

/** Without what lets parts of an answer follow. */
const whole = (document: DocumentNode): DocumentNode => {
  const before = known.get(document)
  if (before !== undefined) return before
  const without = visit(document, {
    Directive: ({ name: { value } }) => (value === 'defer' || value === 'stream' ? null : undefined),
  })
  known.set(document, without)
  return without
}
