import { BREAK, type DocumentNode, Kind, visit } from 'graphql'

/** Reference implementation of the function which planned execution receives, independent of `src/`. */
export function findConditionVariables(document: DocumentNode): readonly string[] | null {
  const names = new Set<string>()
  let hasPlan = true
  const stop = () => {
    hasPlan = false
    return BREAK
  }
  visit(document, {
    Field: ({ name }) => (/^__(schema|type)$/.test(name.value) ? stop() : undefined),
    Directive: ({ name, arguments: args = [] }) => {
      if (name.value === 'defer' || name.value === 'stream') return stop()
      for (const { value } of args) if (value.kind === Kind.VARIABLE) names.add(value.name.value)
      return undefined
    },
  })
  return hasPlan ? [...names] : null
}
