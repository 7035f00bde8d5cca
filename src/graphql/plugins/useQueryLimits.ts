import { type DocumentNode, GraphQLError, type ParseOptions, type validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { checkQueryLimits, guardStackOverflow, type QueryLimits } from '../limits/checkQueryLimits.ts'
import { requestError } from '../requestError.ts'

type Parse = (source: string, options?: ParseOptions) => DocumentNode

/** Checks the query limits before validation, because validation is more expensive. */
export function useQueryLimits(limits: QueryLimits): Plugin {
  return {
    onParse: ({ parseFn, setParseFn }) => setParseFn(withTokenLimit(parseFn as Parse, limits)),
    onValidate: ({ params, setResult, validateFn, setValidationFn }) => {
      const errors = checkQueryLimits(params.documentAST, limits)
      if (errors.length > 0) setResult([...errors])
      setValidationFn(guardStackOverflow(validateFn as typeof validate))
    },
  }
}

/** The parser stops at the limit, so that a long text takes little time. */
function withTokenLimit(parse: Parse, { maxTokens, maxDepth }: QueryLimits): Parse {
  return (source, options) => {
    try {
      return parse(source, { ...options, maxTokens })
    } catch (error) {
      // If a query is nested too deeply, the recursive parser overflows the stack with a `RangeError`.
      if (error instanceof RangeError) {
        const message = `The query is nested too deeply to parse: expected at most ${maxDepth} levels of fields (MAX_QUERY_DEPTH).`
        throw requestError('QUERY_TOO_DEEP', message)
      }
      if (!(error instanceof GraphQLError) || !/ more tha[nt] \d+ tokens\b/.test(error.message)) throw error
      throw requestError(
        'TOO_MANY_TOKENS',
        `The query has more than the maximum of ${maxTokens} tokens (MAX_QUERY_TOKENS): split the query, or pass long ` +
          'lists as variables.',
      )
    }
  }
}
