const REFUSED: ReadonlySet<unknown> = new Set(['unauthenticated', 'standInRefused', 'forbidden'])

const failureOf = (error: unknown): unknown => (error instanceof Error && 'failure' in error ? error.failure : null)

/** There is nothing to watch, for all that this look could tell. */
export const isMissing = (error: unknown): boolean =>
  failureOf(error) === 'notFound' || (error instanceof Error && 'extensions' in error)

/** Whether looking again is of no use: what is watched is not there, or not for these credentials. */
export const lasts = (error: unknown): boolean => REFUSED.has(failureOf(error)) || isMissing(error)
