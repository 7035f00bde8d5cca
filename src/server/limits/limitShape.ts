import { type DocumentNode, GraphQLError, type ParseOptions } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Config } from '../../config.ts'
import { refusal } from './refusal.ts'
import { shapeOf } from './shape.ts'

type Limits = Config['queries']
type Parse = (source: string, options?: ParseOptions) => DocumentNode

/** Refuses documents that are too long, too deep or too wide, by their text alone, and before it is validated. */
export const limitShape = (limits: Limits): Plugin => {
  const known = new WeakMap<DocumentNode, readonly GraphQLError[]>()
  const refusalsOf = (document: DocumentNode): readonly GraphQLError[] => {
    const before = known.get(document)
    if (before !== undefined) return before
    const refusals = shapeRefusals(document, limits)
    known.set(document, refusals)
    return refusals
  }
  return {
    onParse: ({ parseFn, setParseFn }) => setParseFn(withTokenLimit(parseFn as Parse, limits)),
    onValidate: ({ params, setResult }) => {
      const refusals = refusalsOf(params.documentAST)
      if (refusals.length > 0) setResult([...refusals])
    },
  }
}

/** Which limits a document is beyond. */
export const shapeRefusals = (document: DocumentNode, limits: Limits): readonly GraphQLError[] => {
  const { depth, aliases, introspects } = shapeOf(document)
  const refusals: GraphQLError[] = []
  if (depth > limits.maximumDepth) {
    const message = `The query is ${depth} fields deep, and may be ${limits.maximumDepth} (MAX_QUERY_DEPTH).`
    refusals.push(refusal('QUERY_TOO_DEEP', message))
  }
  if (aliases > limits.maximumAliases) {
    const message = `The query has ${aliases} aliases, and may have ${limits.maximumAliases} (MAX_QUERY_ALIASES).`
    refusals.push(refusal('TOO_MANY_ALIASES', message))
  }
  if (introspects && !limits.introspection) {
    refusals.push(refusal('INTROSPECTION_DISABLED', 'The schema cannot be asked for here (INTROSPECTION).'))
  }
  return refusals
}

/** The parser stops at the limit, so that a long text costs no more than one that is just too long. */
const withTokenLimit =
  (parse: Parse, { maximumTokens: maxTokens, maximumDepth }: Limits): Parse =>
  (source, options) => {
    try {
      return parse(source, { ...options, maxTokens })
    } catch (error) {
      // The parser goes a level deeper with each selection, until its stack is full.
      if (error instanceof RangeError) {
        throw refusal('QUERY_TOO_DEEP', `The query may be ${maximumDepth} fields deep (MAX_QUERY_DEPTH).`)
      }
      if (!(error instanceof GraphQLError) || !/ more tha[nt] \d+ tokens\b/.test(error.message)) throw error
      throw refusal('TOO_MANY_TOKENS', `The query has more than ${maxTokens} tokens (MAX_QUERY_TOKENS).`)
    }
  }
