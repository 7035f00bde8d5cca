import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import type { Plugin } from 'graphql-yoga'
import { sameStreamsRule } from './sameStreams.ts'

/** The rule of GraphQL.js, of which there is a copy in the plugin. */
const OVERLAPS = 'OverlappingFieldsCanBeMergedRule'

/**
 * `@defer` and `@stream`, with the rules for them. Without the plugin's copy of another rule, from before that had a bound:
 * it took seconds for a document of five thousand tokens, and told each conflict a second time. What it looked for beside
 * that has a rule of its own.
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
      return onValidate?.({ ...payload, params: { ...payload.params }, addValidationRule })
    },
  }
}
