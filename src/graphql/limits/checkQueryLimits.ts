import type { DocumentNode, GraphQLError, validate } from 'graphql'
import type { Config } from '../../config.ts'
import { refusal } from '../requestError.ts'
import { shapeOf } from './measureQuery.ts'

type Limits = Config['queries']

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
