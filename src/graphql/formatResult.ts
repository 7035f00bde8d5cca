import type { FormattedExecutionResult } from 'graphql'
import type { Result } from '../observability/operationRecorder.ts'

/** Prepares a result for the response body. Omits the `http` extensions, which only set the HTTP status and headers. */
export function formatResult(result: Result): FormattedExecutionResult {
  const { errors, incremental, extensions, ...rest } = result
  if (errors === undefined && incremental === undefined && extensions?.http === undefined)
    return result as FormattedExecutionResult
  const formattedErrors = errors?.map(error => {
    const { extensions, ...fields } = error.toJSON()
    const { http: _http, ...publicExtensions } = extensions ?? {}
    return { ...fields, extensions: publicExtensions }
  })
  const { http: _http, ...publicExtensions } = extensions ?? {}
  return {
    ...(formattedErrors && { errors: formattedErrors }),
    ...rest,
    ...(incremental && { incremental: incremental.map(formatResult) }),
    ...(Object.keys(publicExtensions).length > 0 && { extensions: publicExtensions }),
  }
}
