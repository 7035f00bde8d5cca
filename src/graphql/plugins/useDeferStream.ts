import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import type { ExecutionArgs, ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { initialCountRefusal, initialCountsRule } from './initialCountRule.ts'
import { sameStreamsRule } from './streamOverlapRule.ts'

/** The rule of GraphQL.js, of which there is a copy in the plugin. */
const OVERLAPS = 'OverlappingFieldsCanBeMergedRule'

const rulesOf = ({ onValidate }: Plugin): readonly ValidationRule[] => {
  const rules: ValidationRule[] = []
  const addValidationRule = (rule: ValidationRule) => rules.push(rule)
  onValidate?.({ params: {}, addValidationRule } as unknown as Parameters<typeof onValidate>[0])
  return rules
}

/**
 * The rules for `@defer` and `@stream`, beside all of GraphQL.js. Without the plugin's copy of another rule, from before that
 * had a bound: it took seconds for a document of five thousand tokens, and told each conflict a second time. What it looked
 * for beside that has a rule of its own.
 */
export const PARTS_RULES: readonly ValidationRule[] = [
  sameStreamsRule,
  initialCountsRule,
  ...rulesOf(useDeferStream()).filter(({ name }) => name !== OVERLAPS),
]

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
