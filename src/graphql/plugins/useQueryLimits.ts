import { type DocumentNode, GraphQLError, type ParseOptions, type validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Config } from '../../config.ts'
import { refusal } from '../limits/requestError.ts'
import { shapeOf } from '../limits/measureQuery.ts'

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

/** Some rules follow fragments as deep as they are spread in each other, be it in a circle. */
export const withinStack =
  (validateDocument: typeof validate): typeof validate =>
  (...given) => {
    try {
      return validateDocument(...given)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return [refusal('QUERY_TOO_DEEP', 'The fragments are spread in each other more deeply than can be followed.')]
    }
  }

/** Which limits a document is beyond. */
export const shapeRefusals = (document: DocumentNode, limits: Limits): readonly GraphQLError[] => {
  const { depth, aliases, defers, introspects } = shapeOf(document)
  const refusals: GraphQLError[] = []
  if (depth > limits.maximumDepth) {
    const message = `The query is ${depth} fields deep, and may be ${limits.maximumDepth} (MAX_QUERY_DEPTH).`
    refusals.push(refusal('QUERY_TOO_DEEP', message))
  }
  if (aliases > limits.maximumAliases) {
    const message = `The query has ${aliases} aliases, and may have ${limits.maximumAliases} (MAX_QUERY_ALIASES).`
    refusals.push(refusal('TOO_MANY_ALIASES', message))
  }
  if (defers > limits.maximumDefers) {
    const message =
      `The query has ${defers} parts with \`@defer\` or \`@stream\`, and may have ${limits.maximumDefers} ` +
      '(MAX_QUERY_DEFERS).'
    refusals.push(refusal('TOO_MANY_DEFERS', message))
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
