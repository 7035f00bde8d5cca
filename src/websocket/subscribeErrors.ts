import { GraphQLError } from 'graphql'
import { SHUTDOWN_MESSAGE } from './drainSockets.ts'

/** Adds the error code which HTTP clients receive from Yoga. */
export function parseError(error: GraphQLError): GraphQLError {
  const { message, nodes = null, source = null, positions = null } = error
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    extensions: { code: 'GRAPHQL_PARSE_FAILED', ...error.extensions },
  })
}

/** Replaces the error of graphql-ws, which has no code. The message equals Yoga's message over HTTP. */
export function operationNotResolved(): GraphQLError {
  return new GraphQLError('Could not determine what operation to execute.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  })
}

export function shuttingDown(): GraphQLError {
  return new GraphQLError(SHUTDOWN_MESSAGE, { extensions: { code: 'UNAVAILABLE' } })
}

export function tooManySubscriptions(max: number): GraphQLError {
  return new GraphQLError(
    `The connection already has ${max} active operations, the maximum (LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION): ` +
      'complete an operation, or open a further connection.',
    { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } },
  )
}
