import type { FormattedExecutionResult } from 'graphql'
import type { Result } from '../observability/operationRecorder.ts'

/** A result as JSON has it, without what is there for the head of an HTTP response only. */
export const formatted = (result: Result): FormattedExecutionResult => {
  const { errors, incremental, extensions, ...rest } = result
  if (errors === undefined && incremental === undefined && extensions?.http === undefined)
    return result as FormattedExecutionResult
  const plain = errors?.map(error => {
    const { extensions, ...others } = error.toJSON()
    const { http: _http, ...shown } = extensions ?? {}
    return { ...others, extensions: shown }
  })
  const { http: _http, ...shown } = extensions ?? {}
  return {
    ...(plain && { errors: plain }),
    ...rest,
    ...(incremental && { incremental: incremental.map(formatted) }),
    ...(Object.keys(shown).length > 0 && { extensions: shown }),
  }
}
