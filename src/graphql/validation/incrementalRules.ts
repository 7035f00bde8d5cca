import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import type { ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { initialCountsRule } from './initialCountRule.ts'
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
