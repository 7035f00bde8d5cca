import { useDeferStream as useYogaDeferStream } from '@graphql-yoga/plugin-defer-stream'
import type { ExecutionArgs } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { INCREMENTAL_RULES } from '../validation/incrementalRules.ts'
import { initialCountError } from '../validation/initialCountRule.ts'

/**
 * Adds `@defer` and `@stream` of Yoga with corrected validation rules. If `initialCount` is a variable, the count is
 * checked before execution.
 */
export function useDeferStream(): Plugin {
  const { onSchemaChange } = useYogaDeferStream()
  return {
    onSchemaChange: payload => onSchemaChange?.(payload),
    onValidate: ({ addValidationRule }) => {
      for (const rule of INCREMENTAL_RULES) addValidationRule(rule)
    },
    onExecute: ({ executeFn, setExecuteFn }) => setExecuteFn(withInitialCountCheck(executeFn)),
    onSubscribe: ({ subscribeFn, setSubscribeFn }) => setSubscribeFn(withInitialCountCheck(subscribeFn)),
  }
}

function withInitialCountCheck<Result>(execute: (args: ExecutionArgs) => Result) {
  return (args: ExecutionArgs) => {
    const error = initialCountError(args)
    return error === null ? execute(args) : { errors: [error] }
  }
}
