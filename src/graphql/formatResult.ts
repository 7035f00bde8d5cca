import type { FormattedExecutionResult } from 'graphql'
import type { Result } from '../observability/operationRecorder.ts'

/** Converts a result to JSON, without the `http` extensions: Yoga uses them for the response head only. */
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
