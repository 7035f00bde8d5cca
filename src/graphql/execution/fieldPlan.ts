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
import { completerOf } from './completerOf.ts'
import type { Completer, PlannedField, Selection } from './executionTypes.ts'

type FieldOptions = Pick<PlannedField, 'key' | 'nodes' | 'parentType' | 'definition' | 'argsId'>

interface FieldPlanner {
  planSubselection(nodes: FieldNode[], type: GraphQLObjectType, variables: VariableValues): Selection
}

/** Plans the child fields of a type when the first object of the type is completed. */
export class FieldPlan implements PlannedField {
  readonly key: string
  readonly name: string
  readonly nodes: FieldNode[]
  readonly parentType: GraphQLObjectType
  readonly definition: GraphQLField<unknown, unknown>
  readonly argsId: number
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null
  readonly typename: string | null
  readonly takesArguments: boolean
  readonly isNonNull: boolean
  readonly isLeaf: boolean
  readonly complete: Completer
  readonly #planner: FieldPlanner
  #selections: Map<GraphQLObjectType, Selection> | null = null

  constructor({ key, nodes, parentType, definition, argsId }: FieldOptions, planner: FieldPlanner) {
    const { name, type, args, resolve = null } = definition
    this.key = key
    this.name = name
    this.nodes = nodes
    this.parentType = parentType
    this.definition = definition
    this.argsId = argsId
    this.resolve = resolve
    this.typename = definition === TypeNameMetaFieldDef ? parentType.name : null
    this.takesArguments = args.length > 0
    this.isNonNull = isNonNullType(type)
    this.isLeaf = isLeafType(isNonNullType(type) ? type.ofType : type)
    this.complete = completerOf(type)
    this.#planner = planner
  }

  selection(type: GraphQLObjectType, variables: VariableValues): Selection {
    this.#selections ??= new Map()
    let selection = this.#selections.get(type)
    if (selection === undefined) {
      selection = this.#planner.planSubselection(this.nodes, type, variables)
      this.#selections.set(type, selection)
    }
    return selection
  }
}
