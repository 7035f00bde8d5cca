import { GraphQLError } from 'graphql'
import { SHUTDOWN_MESSAGE } from './drainSockets.ts'

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
