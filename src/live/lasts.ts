const LASTING: ReadonlySet<unknown> = new Set(['unauthenticated', 'forbidden', 'notFound'])

/** Whether looking again is of no use: what is watched is not there, or not for these credentials. */
export const lasts = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  if ('failure' in error) return LASTING.has(error.failure)
  return 'extensions' in error
}
