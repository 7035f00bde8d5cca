import {
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** Fields whose values are known before anything is read; of an object, those of its own. */
export interface Known {
  readonly [field: string]: true | Known
}

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'schema' | 'variableValues'>

/** Whether a field, where its value is of this type, is asked for nothing but what is known. Fragments are followed. */
export const asksOnlyFor = (known: Known, typeName: string, info: Info): boolean => {
  const type = info.schema.getType(typeName)
  const followed = new Followed()
  return (
    isCompositeType(type) &&
    info.fieldNodes.every(({ selectionSet }) => isWithin(known, type, selectionSet, info, followed))
  )
}

/**
 * Fragments that were followed: each is followed once for what may stand there, since fragments that spread each other
 * twice, and so on, would otherwise take a time that doubles with each.
 */
class Followed {
  readonly #names = new Map<Known, Set<string>>()

  /** False the second time. Where anything in it had not been known, nobody would ask again. */
  isNew(known: Known, type: GraphQLCompositeType, fragment: string): boolean {
    const names = this.#names.get(known) ?? new Set()
    this.#names.set(known, names)
    const name = `${type.name} ${fragment}`
    const isNew = !names.has(name)
    names.add(name)
    return isNew
  }
}

const isWithin = (
  known: Known,
  type: GraphQLCompositeType,
  selectionSet: SelectionSetNode | undefined,
  info: Info,
  followed: Followed,
): boolean =>
  (selectionSet?.selections ?? []).every(selection => {
    if (isLeftOut(selection, info)) return true
    if (selection.kind !== Kind.FIELD) {
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD
      if (isSpread && !followed.isNew(known, type, selection.name.value)) return true
      const fragment = isSpread ? info.fragments[selection.name.value] : selection
      return (
        !appliesTo(type, fragment?.typeCondition, info) || isWithin(known, type, fragment?.selectionSet, info, followed)
      )
    }
    const name = selection.name.value
    const of = name === '__typename' || known[name]
    if (of === undefined || of === true) return of === true
    const fieldType = isObjectType(type) ? getNamedType(type.getFields()[name]?.type) : undefined
    return isCompositeType(fieldType) && isWithin(of, fieldType, selection.selectionSet, info, followed)
  })

const isLeftOut = (selection: SelectionNode, { variableValues }: Info): boolean =>
  getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.if === true ||
  getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.if === false

const appliesTo = (
  type: GraphQLCompositeType,
  condition: FragmentDefinitionNode['typeCondition'] | undefined,
  { schema }: Info,
): boolean => {
  const conditional = condition && schema.getType(condition.name.value)
  if (conditional === undefined || conditional === type) return true
  return isAbstractType(conditional) && isObjectType(type) && schema.isSubType(conditional, type)
}
