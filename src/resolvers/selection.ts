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

/** Fields with known values. The value of an object field lists the known fields of the object. */
export interface KnownFields {
  readonly [field: string]: true | KnownFields
}

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'schema' | 'variableValues'>

/** True if a field of type `typeName` has only known fields in its selection set, fragments included. */
export function selectsOnly(known: KnownFields, typeName: string, info: Info): boolean {
  const type = info.schema.getType(typeName)
  const visited = new VisitedFragments()
  return (
    isCompositeType(type) &&
    info.fieldNodes.every(({ selectionSet }) => isCovered(known, type, selectionSet, info, visited))
  )
}

/** Lets the search enter each fragment only once for a `known` and a type; nested spreads could cause exponential work. */
class VisitedFragments {
  readonly #visited = new Map<KnownFields, Set<string>>()

  /** Returns false if already visited. Skipping is safe, because an unknown field would have ended the search. */
  add(known: KnownFields, type: GraphQLCompositeType, fragment: string): boolean {
    const names = this.#visited.get(known) ?? new Set()
    this.#visited.set(known, names)
    const name = `${type.name} ${fragment}`
    const isNew = !names.has(name)
    names.add(name)
    return isNew
  }
}

function isCovered(
  known: KnownFields,
  type: GraphQLCompositeType,
  selectionSet: SelectionSetNode | undefined,
  info: Info,
  visited: VisitedFragments,
): boolean {
  return (selectionSet?.selections ?? []).every(selection => {
    if (isSkipped(selection, info)) return true
    if (selection.kind !== Kind.FIELD) {
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD
      if (isSpread && !visited.add(known, type, selection.name.value)) return true
      const fragment = isSpread ? info.fragments[selection.name.value] : selection
      return (
        !appliesTo(type, fragment?.typeCondition, info) || isCovered(known, type, fragment?.selectionSet, info, visited)
      )
    }
    const name = selection.name.value
    const knownValue = name === '__typename' || known[name]
    if (knownValue === undefined || knownValue === true) return knownValue === true
    const fieldType = isObjectType(type) ? getNamedType(type.getFields()[name]?.type) : undefined
    return isCompositeType(fieldType) && isCovered(knownValue, fieldType, selection.selectionSet, info, visited)
  })
}

function isSkipped(selection: SelectionNode, { variableValues }: Info): boolean {
  return (
    getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.if === true ||
    getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.if === false
  )
}

function appliesTo(
  type: GraphQLCompositeType,
  condition: FragmentDefinitionNode['typeCondition'] | undefined,
  { schema }: Info,
): boolean {
  const conditionType = condition && schema.getType(condition.name.value)
  if (conditionType === undefined || conditionType === type) return true
  return isAbstractType(conditionType) && isObjectType(type) && schema.isSubType(conditionType, type)
}
