import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import type { ExecutionArgs } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { initialCountRefusal, initialCountsRule } from './initialCounts.ts'
import { sameStreamsRule } from './sameStreams.ts'

/** The rule of GraphQL.js, of which there is a copy in the plugin. */
const OVERLAPS = 'OverlappingFieldsCanBeMergedRule'

/**
 * `@defer` and `@stream`, with the rules for them. Without the plugin's copy of another rule, from before that had a bound:
 * it took seconds for a document of five thousand tokens, and told each conflict a second time. What it looked for beside
 * that has a rule of its own. Plugins that come later may take the directives away.
 */
export const deferStream = (): Plugin => {
  const { onSchemaChange, onValidate } = useDeferStream()
  return {
    onSchemaChange: payload => onSchemaChange?.(payload),
    onValidate: payload => {
      const addValidationRule: typeof payload.addValidationRule = rule => {
        if (rule.name !== OVERLAPS) payload.addValidationRule(rule)
      }
      payload.addValidationRule(sameStreamsRule)
      payload.addValidationRule(initialCountsRule)
      return onValidate?.({ ...payload, params: { ...payload.params }, addValidationRule })
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
