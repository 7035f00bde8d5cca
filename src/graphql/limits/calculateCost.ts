import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { type Values, VariableValues } from '../rawVariables.ts'

/** What an operation may read, told before it is run. */
export interface Count {
  /** Nodes, as GitHub counts them: the size of each connection, times the sizes of those around it. */
  readonly cost: number
  /** The longest list of ids that a field is given. */
  readonly nodeIds: number
  /** How many objects are named in all: the ids of `nodes` and the references of `_entities`, wherever they are given. */
  readonly references: number
}

/** How many edges a page has: when nothing is said, and at most. */
export interface PageSizes {
  readonly defaultSize: number
  readonly maximumSize: number
}

type Counter = (document: DocumentNode, operation: OperationDefinitionNode, variables: Values) => Count

/**
 * Counts by the schema. A connection counts `first`, `last` or the default size, and so do `nodes` and `_entities` the
 * ids and references that they are given; what is asked of each node is counted as many times. Other lists count as one
 * node would, since nobody can tell their length. A field at the top counts at least 1.
 *
 * What does not depend on variables is counted once for a document.
 */
export const costCounter = (schema: GraphQLSchema, sizes: PageSizes): Counter => {
  const constants = new WeakMap<OperationDefinitionNode, Count>()
  return (document, operation, variables) => {
    const constant = constants.get(operation)
    if (constant !== undefined) return constant
    const values = new VariableValues(operation, variables)
    const count = new Walk(schema, sizes, document, values).count(operation)
    if (!values.wereRead) constants.set(operation, count)
    return count
  }
}

/** Nodes below an object: those that it has once, and those that each element of its lists has. */
interface Below {
  readonly once: number
  readonly each: number
}

const NOTHING: Below = { once: 0, each: 0 }

/** One count. Follows each fragment once, so that its time grows with the text and not with what the text expands to. */
class Walk {
  readonly #schema: GraphQLSchema
  readonly #sizes: PageSizes
  readonly #values: VariableValues
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #known = new Map<string, Below>()
  #nodeIds = 0
  #references = 0

  constructor(schema: GraphQLSchema, sizes: PageSizes, document: DocumentNode, values: VariableValues) {
    this.#schema = schema
    this.#sizes = sizes
    this.#values = values
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition)
    }
  }

  count({ operation, selectionSet }: OperationDefinitionNode): Count {
    const { once, each } = this.#selections(selectionSet, this.#schema.getRootType(operation) ?? undefined)
    return { cost: Math.max(1, once + each), nodeIds: this.#nodeIds, references: this.#references }
  }

  #selections(set: SelectionSetNode | undefined, parent: GraphQLCompositeType | undefined): Below {
    if (set === undefined || parent === undefined) return NOTHING
    let [once, each] = [0, 0]
    for (const selection of set.selections) {
      if (this.#values.isLeftOut(selection)) continue
      const below = this.#selection(selection, parent)
      once += below.once
      each += below.each
    }
    return { once, each }
  }

  #selection(selection: SelectionNode, parent: GraphQLCompositeType): Below {
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        return this.#fragment(selection.name.value)
      case Kind.INLINE_FRAGMENT: {
        const name = selection.typeCondition?.name.value
        return this.#selections(selection.selectionSet, name === undefined ? parent : this.#type(name))
      }
      case Kind.FIELD:
        return this.#field(selection, parent)
    }
  }

  #fragment(name: string): Below {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    // Stays for as long as the fragment is followed, so that one which comes back to itself comes to an end.
    this.#known.set(name, NOTHING)
    const fragment = this.#fragments.get(name)
    const below = this.#selections(fragment?.selectionSet, fragment && this.#type(fragment.typeCondition.name.value))
    this.#known.set(name, below)
    return below
  }

  #field(node: FieldNode, parent: GraphQLCompositeType): Below {
    if (node.selectionSet === undefined) return NOTHING
    const field = isUnionType(parent) ? undefined : parent.getFields()[node.name.value]
    const nodes = field === undefined ? 0 : this.#nodes(node, field)
    if (isRoot(this.#schema, parent)) return { once: Math.max(1, nodes), each: 0 }
    return field !== undefined && isList(field) ? { once: 0, each: nodes } : { once: nodes, each: 0 }
  }

  #nodes(node: FieldNode, field: GraphQLField<unknown, unknown>): number {
    const type = getNamedType(field.type)
    const { once, each } = this.#selections(node.selectionSet, isCompositeType(type) ? type : undefined)
    if (isConnection(field)) {
      const size = this.#pageSize(node)
      return size + once + size * each
    }
    if (isList(field) && isByList(field)) {
      const length = this.#givenLength(node)
      return length * (1 + once + each)
    }
    return once + each
  }

  /** More than the largest page is refused by the connection itself, with a better message. */
  #pageSize(node: FieldNode): number {
    const given = this.#values.argument(node, 'last') ?? this.#values.argument(node, 'first')
    const size = typeof given === 'number' ? Math.trunc(given) : this.#sizes.defaultSize
    return Math.min(Math.max(0, size), this.#sizes.maximumSize)
  }

  #givenLength(node: FieldNode): number {
    const ids = lengthOf(this.#values.argument(node, 'ids'))
    const references = ids + lengthOf(this.#values.argument(node, 'representations'))
    this.#nodeIds = Math.max(this.#nodeIds, ids)
    this.#references += references
    return references
  }

  #type(name: string): GraphQLCompositeType | undefined {
    const type = this.#schema.getType(name)
    return isCompositeType(type) ? type : undefined
  }
}

const isList = ({ type }: GraphQLField<unknown, unknown>): boolean => isListType(getNullableType(type))

const isConnection = ({ args }: GraphQLField<unknown, unknown>): boolean => args.some(({ name }) => name === 'first')

const isByList = ({ args }: GraphQLField<unknown, unknown>): boolean =>
  args.some(({ name }) => name === 'ids' || name === 'representations')

const isRoot = (schema: GraphQLSchema, type: GraphQLCompositeType): boolean =>
  type === schema.getQueryType() || type === schema.getMutationType() || type === schema.getSubscriptionType()

/** A single value is a list of it, by the rules of GraphQL. */
const lengthOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.length
  return value === undefined || value === null ? 0 : 1
}
