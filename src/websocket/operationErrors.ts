import { GraphQLError } from 'graphql'
import { STOPPING } from './drain.ts'

/** A text that cannot be parsed, as HTTP has it. */
export const parseFailure = (error: GraphQLError): GraphQLError => {
  const { message, nodes = null, source = null, positions = null } = error
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    extensions: { code: 'GRAPHQL_PARSE_FAILED', ...error.extensions },
  })
}

/** In the words of Yoga, which looks for this by HTTP alone; graphql-ws would say it without a code. */
export const unresolved = (): GraphQLError =>
  new GraphQLError('Could not determine what operation to execute.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  })

export const stopping = (): GraphQLError => new GraphQLError(STOPPING, { extensions: { code: 'UNAVAILABLE' } })

export const tooMany = (): GraphQLError =>
  new GraphQLError('This connection has too many subscriptions (LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION).', {
    extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' },
  })
