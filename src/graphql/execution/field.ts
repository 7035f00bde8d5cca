import type { VariableValues } from '@graphql-tools/utils'
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  isLeafType,
  isNonNullType,
  TypeNameMetaFieldDef,
} from 'graphql'
import { completing } from './completeValue.ts'
import type { Complete, PlannedField, Selection } from './executionTypes.ts'

type Given = Pick<PlannedField, 'key' | 'nodes' | 'parentType' | 'definition' | 'number'>

/** Who knows what is asked of the objects of a field. */
interface Planner {
  below(nodes: FieldNode[], type: GraphQLObjectType, variables: VariableValues): Selection
}

/** As the schema has it. */
export class Field implements PlannedField {
  readonly key: string
  readonly name: string
  readonly nodes: FieldNode[]
  readonly parentType: GraphQLObjectType
  readonly definition: GraphQLField<unknown, unknown>
  readonly number: number
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null
  readonly typename: string | null
  readonly takesArguments: boolean
  readonly isNonNull: boolean
  readonly isLeaf: boolean
  readonly complete: Complete
  readonly #planner: Planner
  #selections: Map<GraphQLObjectType, Selection> | null = null

  constructor({ key, nodes, parentType, definition, number }: Given, planner: Planner) {
    const { name, type, args, resolve = null } = definition
    this.key = key
    this.name = name
    this.nodes = nodes
    this.parentType = parentType
    this.definition = definition
    this.number = number
    this.resolve = resolve
    this.typename = definition === TypeNameMetaFieldDef ? parentType.name : null
    this.takesArguments = args.length > 0
    this.isNonNull = isNonNullType(type)
    this.isLeaf = isLeafType(isNonNullType(type) ? type.ofType : type)
    this.complete = completing(type)
    this.#planner = planner
  }

  selection(type: GraphQLObjectType, variables: VariableValues): Selection {
    this.#selections ??= new Map()
    let selection = this.#selections.get(type)
    if (selection === undefined) {
      selection = this.#planner.below(this.nodes, type, variables)
      this.#selections.set(type, selection)
    }
    return selection
  }
}
