import {
  collectFields,
  collectSubFields,
  getDefinedRootType,
  memoize1,
  type VariableValues,
} from '@graphql-tools/utils'
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  print,
  TypeNameMetaFieldDef,
} from 'graphql'

/** How to complete values of a type. All objects have the same properties, so that V8 uses one hidden class. */
export type ValuePlan = { readonly isNonNull: boolean } & (
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType; readonly item: null }
  | { readonly kind: 'list'; readonly type: GraphQLList<GraphQLOutputType>; readonly item: ValuePlan }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType; readonly item: null }
  | { readonly kind: 'abstract'; readonly type: GraphQLAbstractType; readonly item: null }
)

export interface PlannedField {
  readonly key: string
  readonly nodes: FieldNode[]
  readonly parentType: GraphQLObjectType
  readonly definition: GraphQLField<unknown, unknown>
  /** Fields of a document with equal arguments have equal ids. Null if the field takes no arguments. */
  readonly argsId: number | null
  /** Null for the default resolver, which reads the property with the name of the field. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null
  /** Value of the field `__typename`. Null if the field has a different name. */
  readonly typename: string | null
  readonly value: ValuePlan
  /** Filled by `QueryPlan.subselection`. */
  readonly selections: Map<GraphQLObjectType, Selection>
}

/** Collected fields of a selection set, for one object type. */
export interface Selection {
  readonly fields: readonly PlannedField[]
  /** False if a response key is `__proto__`. The response object is then created without a prototype. */
  readonly allowsPlainObject: boolean
}

/** A document may have `BASE_FIELDS` planned fields, plus a field for every `CHARS_PER_FIELD` characters of text. */
const BASE_FIELDS = 64
const CHARS_PER_FIELD = 4

/** Leaf fields share one map, because leaf fields have no selections. */
const NO_SELECTIONS = new Map<GraphQLObjectType, Selection>()

/**
 * Caches one plan per operation and combination of `@skip` and `@include` values. Many combinations or repeated
 * fragments can make the plans much larger than the document, and the parser cache limits only the length of the text.
 * Above `#maxFields` fields, all plans of the document are dropped. Running executions keep using dropped plans.
 */
export class DocumentPlans {
  readonly schema: GraphQLSchema
  readonly fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  readonly #conditionVariables: readonly string[]
  readonly #maxFields: number
  readonly #plans = new Map<OperationDefinitionNode, Map<string, QueryPlan>>()
  readonly #printedArguments = new Map<FieldNode, string>()
  readonly #argsIds = new Map<GraphQLField<unknown, unknown>, Map<string, number>>()
  #nextArgsId = 0
  #fieldCount = 0

  constructor(schema: GraphQLSchema, document: DocumentNode, conditionVariables: Iterable<string>) {
    this.schema = schema
    this.#conditionVariables = [...conditionVariables]
    this.#maxFields = BASE_FIELDS + (document.loc?.end ?? 0) / CHARS_PER_FIELD
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments[definition.name.value] = definition
    }
  }

  plan(operation: OperationDefinitionNode, { coerced }: VariableValues): QueryPlan {
    // The key has one character per variable. Variables of a different operation of the document may have any type.
    let key = ''
    for (const name of this.#conditionVariables) key += encodeCondition(coerced[name])
    const cached = this.#plans.get(operation)?.get(key)
    if (cached !== undefined) return cached
    // The plan itself counts as one field, because a plan without fields also uses memory.
    this.addFields(1)
    const plan = new QueryPlan(this, operation)
    const plans = this.#plans.get(operation) ?? new Map<string, QueryPlan>()
    this.#plans.set(operation, plans.set(key, plan))
    return plan
  }

  addFields(count: number): void {
    this.#fieldCount += count
    if (this.#fieldCount <= this.#maxFields) return
    this.#plans.clear()
    this.#fieldCount = 0
  }

  /** All plans of the document share the printed arguments to save memory. */
  argsIdOf(definition: GraphQLField<unknown, unknown>, node: FieldNode): number {
    const text = this.#printedArguments.get(node) ?? node.arguments?.map(print).join() ?? ''
    this.#printedArguments.set(node, text)
    const ids = this.#argsIds.get(definition) ?? new Map<string, number>()
    this.#argsIds.set(definition, ids)
    const id = ids.get(text) ?? this.#nextArgsId++
    ids.set(text, id)
    return id
  }
}

/** Plans a selection only when first executed, so that planning errors occur at the same time as in Yoga's executor. */
export class QueryPlan {
  readonly document: DocumentPlans
  readonly operation: OperationDefinitionNode
  #rootSelection: Selection | undefined

  constructor(document: DocumentPlans, operation: OperationDefinitionNode) {
    this.document = document
    this.operation = operation
  }

  rootSelection(variables: VariableValues): Selection {
    if (this.#rootSelection === undefined) {
      const { schema, fragments } = this.document
      const { operation, selectionSet } = this.operation
      const type = getDefinedRootType(schema, operation, [this.operation])
      const { fields } = collectFields(schema, fragments, variables, type, selectionSet)
      this.#rootSelection = this.#planSelection(type, fields)
    }
    return this.#rootSelection
  }

  subselection(field: PlannedField, type: GraphQLObjectType, variables: VariableValues): Selection {
    let selection = field.selections.get(type)
    if (selection === undefined) {
      const { schema, fragments } = this.document
      selection = this.#planSelection(type, collectSubFields(schema, fragments, variables, type, field.nodes).fields)
      field.selections.set(type, selection)
    }
    return selection
  }

  #planSelection(type: GraphQLObjectType, nodesByKey: ReadonlyMap<string, FieldNode[]>): Selection {
    const fields: PlannedField[] = []
    let nodeCount = 0
    for (const [key, nodes] of nodesByKey) {
      nodeCount += nodes.length
      const [node] = nodes
      const name = node?.name.value ?? key
      const definition = name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : type.getFields()[name]
      if (definition === undefined || node === undefined) continue
      const value = valuePlanOf(definition.type)
      fields.push({
        key,
        nodes,
        parentType: type,
        definition,
        argsId: definition.args.length === 0 ? null : this.document.argsIdOf(definition, node),
        resolve: definition.resolve ?? null,
        typename: definition === TypeNameMetaFieldDef ? type.name : null,
        value,
        selections: value.kind === 'leaf' ? NO_SELECTIONS : new Map(),
      })
    }
    this.document.addFields(nodeCount)
    return { fields, allowsPlainObject: !nodesByKey.has('__proto__') }
  }
}

const valuePlanOf = memoize1((type: GraphQLOutputType): ValuePlan => {
  const isNonNull = isNonNullType(type)
  const nullableType = isNonNull ? type.ofType : type
  if (isLeafType(nullableType)) return { kind: 'leaf', isNonNull, type: nullableType, item: null }
  if (isListType(nullableType)) {
    return { kind: 'list', isNonNull, type: nullableType, item: valuePlanOf(nullableType.ofType) }
  }
  if (isObjectType(nullableType)) return { kind: 'object', isNonNull, type: nullableType, item: null }
  return { kind: 'abstract', isNonNull, type: nullableType, item: null }
})

function encodeCondition(value: unknown): string {
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (value === undefined) return 'u'
  return value === null ? 'n' : 'o'
}
