import { BREAK, type DocumentNode, Kind, visit } from 'graphql'

const INCREMENTAL_DIRECTIVES: ReadonlySet<string> = new Set(['defer', 'stream'])
const INTROSPECTION_FIELDS: ReadonlySet<string> = new Set(['__schema', '__type'])

/** Returns the variables of `@skip` and `@include`; null if the query uses `@defer`, `@stream` or introspection. */
export function findConditionVariables(document: DocumentNode): readonly string[] | null {
  const names = new Set<string>()
  let isPlannable = true
  const stop = () => {
    isPlannable = false
    return BREAK
  }
  visit(document, {
    Field: ({ name }) => (INTROSPECTION_FIELDS.has(name.value) ? stop() : undefined),
    Directive: ({ name, arguments: args = [] }) => {
      if (INCREMENTAL_DIRECTIVES.has(name.value)) return stop()
      for (const { value } of args) if (value.kind === Kind.VARIABLE) names.add(value.name.value)
      return undefined
    },
  })
  return isPlannable ? [...names] : null
}
