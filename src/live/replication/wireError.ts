import { userInputError } from '../../userInputError.ts'
import type { ToldError } from './replicaBus.ts'

/** What other replicas are told of an error: what its subscribers will be, and nothing more. */
export const toldError = (error: Error, lasts: boolean): ToldError => {
  if ('failure' in error && typeof error.failure === 'string') {
    return { failure: error.failure, code: null, message: error.message, lasts }
  }
  const code = codeOf(error)
  return { failure: null, code, message: code === null ? 'Watching failed in another replica.' : error.message, lasts }
}

/** The error that another replica told. `upstreamError` makes one of Restcomm's failures; null for none that it knows. */
export const errorTold = (
  { failure, code, message }: ToldError,
  upstreamError: (failure: string, message: string) => Error | null,
): Error => {
  const ofUpstream = failure === null ? null : upstreamError(failure, message)
  return ofUpstream ?? (code === null ? new Error(message) : userInputError(code, message))
}

const codeOf = (error: Error): string | null => {
  const extensions = 'extensions' in error ? error.extensions : null
  const code = typeof extensions === 'object' && extensions !== null && 'code' in extensions ? extensions.code : null
  return typeof code === 'string' ? code : null
}
