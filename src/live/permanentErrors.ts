import { GraphQLError } from 'graphql'
import { type FailureKind, RestcommError } from '../restcomm/errors.ts'

const AUTH_FAILURES: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'unauthenticated',
  'serviceCredentialsRejected',
  'forbidden',
])

/** True for Restcomm's "not found" and for GraphQL errors: a source throws them only if the resource does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof GraphQLError || (error instanceof RestcommError && error.failure === 'notFound')
}

/** True if further polls would fail as well: the resource does not exist, or the credentials may not read it. */
export function isPermanent(error: unknown): boolean {
  return isNotFound(error) || (error instanceof RestcommError && AUTH_FAILURES.has(error.failure))
}
