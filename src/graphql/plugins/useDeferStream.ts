import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import type { ExecutionArgs } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { PARTS_RULES } from '../validation/incrementalRules.ts'
import { initialCountRefusal } from '../validation/initialCountRule.ts'

/** `@defer` and `@stream`, with the rules for them. Plugins that come later may take the directives away. */
export const deferStream = (): Plugin => {
  const { onSchemaChange } = useDeferStream()
  return {
    onSchemaChange: payload => onSchemaChange?.(payload),
    onValidate: ({ addValidationRule }) => {
      for (const rule of PARTS_RULES) addValidationRule(rule)
    },
    onExecute: ({ executeFn, setExecuteFn }) => setExecuteFn(withCounts(executeFn)),
    onSubscribe: ({ subscribeFn, setSubscribeFn }) => setSubscribeFn(withCounts(subscribeFn)),
  }
}

/** Runs what can be streamed as it says. */
const withCounts =
  <Result>(run: (args: ExecutionArgs) => Result) =>
  (args: ExecutionArgs) => {
    const refused = initialCountRefusal(args)
    return refused === null ? run(args) : { errors: [refused] }
  }
