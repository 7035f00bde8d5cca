import { GraphQLError } from 'graphql'
import { type FailureKind, RestcommError } from '../restcomm/errors.ts'

const AUTH_FAILURES: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'unauthenticated',
  'serviceCredentialsRejected',
  'forbidden',
])

/** A `PollSource` throws a GraphQL error only if the resource does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof GraphQLError || (error instanceof RestcommError && error.failure === 'notFound')
}

/** True if the resource does not exist or the credentials lack permission. Later polls would fail. */
export function isPermanent(error: unknown): boolean {
  return isNotFound(error) || (error instanceof RestcommError && AUTH_FAILURES.has(error.failure))
}
