import { BREAK, type DocumentNode, Kind, visit } from 'graphql'

const IN_PARTS: ReadonlySet<string> = new Set(['defer', 'stream'])
const SCHEMA: ReadonlySet<string> = new Set(['__schema', '__type'])

/**
 * The variables that decide which fields of a document are left out. Null where it is answered in parts, or asks for the
 * schema: neither is planned.
 */
export const conditionsOf = (document: DocumentNode): readonly string[] | null => {
  const names = new Set<string>()
  let isPlain = true
  const stop = () => {
    isPlain = false
    return BREAK
  }
  visit(document, {
    Field: ({ name }) => (SCHEMA.has(name.value) ? stop() : undefined),
    Directive: ({ name, arguments: given = [] }) => {
      if (IN_PARTS.has(name.value)) return stop()
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value)
      return undefined
    },
  })
  return isPlain ? [...names] : null
}
