import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** Each number is the maximum over all operations of the document. A fragment counts again for every spread. */
interface QueryMetrics {
  readonly depth: number
  /** Number of aliased fields. Aliases at or below `__schema` and `__type` count `INTROSPECTION_ALIAS_WEIGHT` times. */
  readonly aliases: number
  /** Number of selections with `@defer` or `@stream`. */
  readonly incrementalParts: number
  readonly introspects: boolean
}

/** An introspection field costs at most 1, but can return hundreds of kB. Therefore an alias counts 20 times. */
const INTROSPECTION_ALIAS_WEIGHT = 20

const NO_METRICS: QueryMetrics = { depth: 0, aliases: 0, incrementalParts: 0, introspects: false }

/**
 * Visits each fragment only once, because expanded fragments can be exponentially larger than the document. A spread
 * that closes a cycle of fragments adds nothing.
 */
export function measureQuery(document: DocumentNode): QueryMetrics {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const fragmentMetrics = new Map<string, QueryMetrics>()

  const measureFragment = (name: string): QueryMetrics => {
    const cached = fragmentMetrics.get(name)
    if (cached !== undefined) return cached
    // If the fragment contains itself, the temporary `NO_METRICS` ends the recursion.
    fragmentMetrics.set(name, NO_METRICS)
    const metrics = measureSelections(fragments.get(name)?.selectionSet)
    fragmentMetrics.set(name, metrics)
    return metrics
  }

  const measureSelections = (set: SelectionSetNode | undefined): QueryMetrics => {
    let { depth, aliases, incrementalParts, introspects } = NO_METRICS
    for (const selection of set?.selections ?? []) {
      const isField = selection.kind === Kind.FIELD
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value)
          : measureSelections(selection.selectionSet)
      const isIntrospection = isField && ['__schema', '__type'].includes(selection.name.value)
      const ownAliases = isField && selection.alias !== undefined ? 1 : 0
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0))
      aliases += (inner.aliases + ownAliases) * (isIntrospection ? INTROSPECTION_ALIAS_WEIGHT : 1)
      incrementalParts += inner.incrementalParts + (isIncremental(selection) ? 1 : 0)
      introspects ||= inner.introspects || isIntrospection
    }
    return { depth, aliases, incrementalParts, introspects }
  }

  const operations = document.definitions.flatMap(definition =>
    definition.kind === Kind.OPERATION_DEFINITION ? [measureSelections(definition.selectionSet)] : [],
  )
  return operations.reduce(
    (max, { depth, aliases, incrementalParts, introspects }) => ({
      depth: Math.max(max.depth, depth),
      aliases: Math.max(max.aliases, aliases),
      incrementalParts: Math.max(max.incrementalParts, incrementalParts),
      introspects: max.introspects || introspects,
    }),
    NO_METRICS,
  )
}

function isIncremental({ directives = [] }: SelectionNode): boolean {
  return directives.some(({ name: { value } }) => value === 'defer' || value === 'stream')
}
