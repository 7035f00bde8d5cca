import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** What a document asks for, by its text alone. Of several operations, the most of each. */
interface Shape {
  /** How many fields stand below each other, the outermost counted. */
  readonly depth: number
  /**
   * How many fields have an alias. One in a fragment counts wherever the fragment is spread, and one for a part of the
   * schema counts as many.
   */
  readonly aliases: number
  /** How many parts are marked with `@defer` or `@stream`. One in a fragment counts wherever the fragment is spread. */
  readonly defers: number
  /** Whether it asks for the schema itself. */
  readonly introspects: boolean
}

/**
 * As how many an alias counts by which the schema is asked for, or a part of it: hundreds of kilobytes may stand below each,
 * whose length no cost tells.
 */
const INTROSPECTING_ALIAS = 20

const NOTHING: Shape = { depth: 0, aliases: 0, defers: 0, introspects: false }

/**
 * Follows each fragment once, however often it is spread: fragments that spread each other twice, and so on, would
 * otherwise take a time that doubles with each. A fragment that comes back to itself adds nothing there; validation
 * refuses it.
 */
export const shapeOf = (document: DocumentNode): Shape => {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const known = new Map<string, Shape>()

  const ofFragment = (name: string): Shape => {
    const before = known.get(name)
    if (before !== undefined) return before
    known.set(name, NOTHING)
    const shape = ofSelections(fragments.get(name)?.selectionSet)
    known.set(name, shape)
    return shape
  }

  const ofSelections = (set: SelectionSetNode | undefined): Shape => {
    let { depth, aliases, defers, introspects } = NOTHING
    for (const selection of set?.selections ?? []) {
      const isField = selection.kind === Kind.FIELD
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : ofSelections(selection.selectionSet)
      const isIntrospecting = isField && ['__schema', '__type'].includes(selection.name.value)
      const own = isField && selection.alias !== undefined ? 1 : 0
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0))
      aliases += (inner.aliases + own) * (isIntrospecting ? INTROSPECTING_ALIAS : 1)
      defers += inner.defers + (isInParts(selection) ? 1 : 0)
      introspects ||= inner.introspects || isIntrospecting
    }
    return { depth, aliases, defers, introspects }
  }

  const operations = document.definitions.flatMap(definition =>
    definition.kind === Kind.OPERATION_DEFINITION ? [ofSelections(definition.selectionSet)] : [],
  )
  return operations.reduce(
    (most, { depth, aliases, defers, introspects }) => ({
      depth: Math.max(most.depth, depth),
      aliases: Math.max(most.aliases, aliases),
      defers: Math.max(most.defers, defers),
      introspects: most.introspects || introspects,
    }),
    NOTHING,
  )
}

const isInParts = ({ directives = [] }: SelectionNode): boolean =>
  directives.some(({ name: { value } }) => value === 'defer' || value === 'stream')
