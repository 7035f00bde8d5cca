import type { FailureKind } from '../restcomm/errors.ts'

const AUTH_FAILURES: ReadonlySet<unknown> = new Set<FailureKind>([
  'unauthenticated',
  'serviceCredentialsRejected',
  'forbidden',
])

const NOT_FOUND: FailureKind = 'notFound'

/** True for Restcomm's "not found" and for GraphQL errors: a source throws them only if the resource does not exist. */
export function isNotFound(error: unknown): boolean {
  return failureOf(error) === NOT_FOUND || (error instanceof Error && 'extensions' in error)
}

/** True if further polls would fail as well: the resource does not exist, or the credentials may not read it. */
export function isPermanent(error: unknown): boolean {
  return AUTH_FAILURES.has(failureOf(error)) || isNotFound(error)
}

function failureOf(error: unknown): unknown {
  return error instanceof Error && 'failure' in error ? error.failure : null
}
