import { type DocumentNode, GraphQLError, type ParseOptions, type validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Config } from '../../config.ts'
import { userInputError } from '../../userInputError.ts'
import type { AnalyzeDocument, DocumentAnalysis } from '../analyzeDocument.ts'

export type QueryLimits = Config['queries']
type Parse = (source: string, options?: ParseOptions) => DocumentNode

/** Checks the query limits before validation, because validation is more expensive. */
export function useQueryLimits(limits: QueryLimits, analyzeDocument: AnalyzeDocument): Plugin {
  return {
    onParse: ({ parseFn, setParseFn }) => setParseFn(withTokenLimit(parseFn as Parse, limits)),
    onValidate: ({ params, setResult, validateFn, setValidationFn }) => {
      const errors = checkQueryLimits(analyzeDocument(params.documentAST), limits)
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
        throw userInputError('QUERY_TOO_DEEP', message)
      }
      if (!(error instanceof GraphQLError)) throw error
      if (/ more tha[nt] \d+ tokens\b/.test(error.message)) {
        const message =
          `The query has more than the maximum of ${maxTokens} tokens: split the query, or pass ` +
          'long lists as variables.'
        throw userInputError('TOO_MANY_TOKENS', message)
      }
      // Yoga adds the same code, but not for a WebSocket.
      error.extensions.code ??= 'GRAPHQL_PARSE_FAILED'
      throw error
    }
  }
}

/** If cyclic or deeply nested fragments overflow the stack, validation returns a `QUERY_TOO_DEEP` error. */
export function guardStackOverflow(validateDocument: typeof validate): typeof validate {
  return (...args) => {
    try {
      return validateDocument(...args)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return [
        userInputError(
          'QUERY_TOO_DEEP',
          'The fragments of the query form a cycle, or are nested too deeply to validate: nest fewer fragments.',
        ),
      ]
    }
  }
}

export function checkQueryLimits(analysis: DocumentAnalysis, limits: QueryLimits): readonly GraphQLError[] {
  const { depth, aliases, incrementalParts, introspects } = analysis
  const { maxDepth, maxAliases, maxDefers } = limits
  const errors: GraphQLError[] = []
  if (depth > maxDepth) {
    const message = `The query is ${depth} fields deep, more than the maximum of ${maxDepth} (MAX_QUERY_DEPTH).`
    errors.push(userInputError('QUERY_TOO_DEEP', message))
  }
  if (aliases > maxAliases) {
    const message = `The query has ${aliases} aliases, more than the maximum of ${maxAliases}.`
    errors.push(userInputError('TOO_MANY_ALIASES', message))
  }
  if (incrementalParts > maxDefers) {
    const message =
      `The query has ${incrementalParts} parts with \`@defer\` or \`@stream\`, more than the maximum of ` +
      `${maxDefers}.`
    errors.push(userInputError('TOO_MANY_DEFERS', message))
  }
  if (introspects && !limits.introspection) {
    const message =
      'The query selects `__schema` or `__type`, but introspection is disabled: remove the ' +
      'field, or set INTROSPECTION to true.'
    errors.push(userInputError('INTROSPECTION_DISABLED', message))
  }
  return errors
}
