import { useDeferStream as useYogaDeferStream } from '@graphql-yoga/plugin-defer-stream'
import type { ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { initialCountRule } from './initialCountRule.ts'
import { streamOverlapRule } from './streamOverlapRule.ts'

const OVERLAPPING_FIELDS_RULE = 'OverlappingFieldsCanBeMergedRule'

/**
 * Validation rules for `@defer` and `@stream`. Yoga's plugin also adds an old copy of
 * `OverlappingFieldsCanBeMergedRule`. The copy is removed, because the copy takes seconds for a query of 5,000 tokens
 * and reports conflicts twice. `streamOverlapRule` replaces the check of `@stream` in the copy.
 */
export const INCREMENTAL_RULES: readonly ValidationRule[] = [
  streamOverlapRule,
  initialCountRule,
  ...rulesAddedBy(useYogaDeferStream()).filter(({ name }) => name !== OVERLAPPING_FIELDS_RULE),
]

function rulesAddedBy({ onValidate }: Plugin): readonly ValidationRule[] {
  const rules: ValidationRule[] = []
  const addValidationRule = (rule: ValidationRule) => rules.push(rule)
  onValidate?.({ params: {}, addValidationRule } as unknown as Parameters<typeof onValidate>[0])
  return rules
}
