import { type DocumentNode, GraphQLError, type ParseOptions, type validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Config } from '../../config.ts'
import { refusal } from '../requestError.ts'
import { shapeRefusals, withinStack } from '../limits/checkQueryLimits.ts'

type Limits = Config['queries']
type Parse = (source: string, options?: ParseOptions) => DocumentNode

/** Refuses documents that are too long, too deep or too wide, by their text alone, and before it is validated. */
export const limitShape = (limits: Limits): Plugin => ({
  onParse: ({ parseFn, setParseFn }) => setParseFn(withTokenLimit(parseFn as Parse, limits)),
  onValidate: ({ params, setResult, validateFn, setValidationFn }) => {
    const refusals = shapeRefusals(params.documentAST, limits)
    if (refusals.length > 0) setResult([...refusals])
    setValidationFn(withinStack(validateFn as typeof validate))
  },
})

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
