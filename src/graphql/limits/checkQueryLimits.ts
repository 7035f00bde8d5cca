import type { DocumentNode, GraphQLError, validate } from 'graphql'
import type { Config } from '../../config.ts'
import { requestError } from '../requestError.ts'
import { measureQuery } from './measureQuery.ts'

export type QueryLimits = Config['queries']

/** If cyclic or deeply nested fragments overflow the stack, validation returns a `QUERY_TOO_DEEP` error. */
export function guardStackOverflow(validateDocument: typeof validate): typeof validate {
  return (...args) => {
    try {
      return validateDocument(...args)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return [
        requestError(
          'QUERY_TOO_DEEP',
          'The fragments of the query form a cycle, or are nested too deeply to validate: nest fewer fragments.',
        ),
      ]
    }
  }
}

export function checkQueryLimits(document: DocumentNode, limits: QueryLimits): readonly GraphQLError[] {
  const { depth, aliases, incrementalParts, introspects } = measureQuery(document)
  const errors: GraphQLError[] = []
  if (depth > limits.maxDepth) {
    const message = `The query is ${depth} fields deep, more than the maximum of ${limits.maxDepth} (MAX_QUERY_DEPTH).`
    errors.push(requestError('QUERY_TOO_DEEP', message))
  }
  if (aliases > limits.maxAliases) {
    const { maxAliases } = limits
    const message = `The query has ${aliases} aliases, more than the maximum of ${maxAliases} (MAX_QUERY_ALIASES).`
    errors.push(requestError('TOO_MANY_ALIASES', message))
  }
  if (incrementalParts > limits.maxDefers) {
    const message =
      `The query has ${incrementalParts} parts with \`@defer\` or \`@stream\`, more than the maximum of ` +
      `${limits.maxDefers} (MAX_QUERY_DEFERS).`
    errors.push(requestError('TOO_MANY_DEFERS', message))
  }
  if (introspects && !limits.introspection) {
    const message =
      'The query selects `__schema` or `__type`, but introspection is disabled: remove the ' +
      'field, or set INTROSPECTION to true.'
    errors.push(requestError('INTROSPECTION_DISABLED', message))
  }
  return errors
}
